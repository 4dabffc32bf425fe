"""What guidelines ask of a study like this one, in our own words, and which sections of the report answer it.

CLAIM: the Checklist for AI in Medical Imaging, update of 2024 (Tejani et al., Radiology: Artificial Intelligence), by
its topics. TRIPOD+AI: Collins et al. 2024, BMJ, by its items. METRICS: Kocak et al. 2024, Insights into Imaging, by its
items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A thing that is asked for."""

    topic: str
    guidelines: str
    answered_by: tuple[str, ...] = ()  # anchors of sections, of which a page may lack some
    remark: str = ""  # what the sections leave open
    field: str = ""  # of the catalogue's `provenance`: where it is not stated, the item is not answered


STATE = "State it in your text."
CHECKLIST: Mapping[str, Sequence[Item]] = {
    "Study": [
        Item(
            "what the model is meant for, and who would use it", "CLAIM introduction; TRIPOD+AI 3, 4, 27", ("limits",)
        ),
        Item(
            "whether the data were collected for this study or earlier",
            "CLAIM study design",
            remark=f"The pipeline reads finished archives. {STATE}",
        ),
        Item("which guidelines the report is held against", "METRICS 1", ("checklist",)),
        Item(
            "protocol, registration, funding, interests, and the part that patients had in the study",
            "CLAIM other information; TRIPOD+AI 18, 19",
            remark=f"The pipeline cannot know it. {STATE}",
        ),
    ],
    "Data": [
        Item(
            "institutions that the images come from",
            "CLAIM data; TRIPOD+AI 5, 6; METRICS 4",
            ("provenance",),
            field="institutions",
        ),
        Item("dates of acquisition", "TRIPOD+AI 5", ("provenance",), field="dates"),
        Item(
            "scanners, sequences and how images were acquired",
            "CLAIM data; METRICS 5, 6",
            ("provenance",),
            field="scanners",
        ),
        Item("ethics approval and consent", "TRIPOD+AI 17", ("provenance",), field="consent"),
        Item(
            "which patients and images are in, and which are not",
            "CLAIM data; TRIPOD+AI 6; METRICS 2",
            ("flow", "data"),
            "By what rule the source chose its patients is for the source to say.",
        ),
        Item("missing and unusable data", "CLAIM data; TRIPOD+AI 11", ("flow", "data")),
        Item("how images are prepared", "CLAIM data; TRIPOD+AI 7; METRICS 11", ("data", "models")),
        Item(
            "age, sex and illness of the patients in each part",
            "CLAIM results; TRIPOD+AI 20",
            remark="No data set of the catalogue brings them.",
        ),
        Item(
            "fairness: known inequalities, and scores of subgroups of patients",
            "TRIPOD+AI 3, 14, 23",
            remark="It needs facts about patients that no data set of the catalogue brings.",
        ),
    ],
    "Labels": [
        Item(
            "who labelled the images, and by what standard",
            "CLAIM reference standard; TRIPOD+AI 8; METRICS 3",
            ("provenance",),
            field="annotators",
        ),
        Item(
            "agreement between annotators, and the time between image and diagnosis",
            "CLAIM reference standard; METRICS 7",
            remark="A set has one label an image, without a date.",
        ),
        Item("how frequent the classes are, and what is done about it", "TRIPOD+AI 13", ("data", "models")),
    ],
    "Split and sample size": [
        Item("how images were divided into parts", "CLAIM data partitions; TRIPOD+AI 12; METRICS 18", ("data", "flow")),
        Item(
            "what the parts do not share: patients, pictures, copies",
            "CLAIM data partitions; METRICS 18",
            ("leakage", "leakage-experiment"),
        ),
        Item("images, groups and patients at each step", "CLAIM results; TRIPOD+AI 20, 21", ("flow",)),
        Item(
            "whether there are enough of them",
            "CLAIM data partitions; TRIPOD+AI 10",
            ("sample-size",),
            "It says what the size allows. No size was planned.",
        ),
    ],
    "Models and training": [
        Item("architecture, inputs and outputs", "CLAIM model; TRIPOD+AI 12, 15, 22", ("models",)),
        Item("initial weights", "CLAIM model", ("models", "reproducibility")),
        Item("training, augmentation, and which epoch is kept", "CLAIM training; TRIPOD+AI 12", ("models",)),
        Item("ensembles", "CLAIM training", ("models",), "If the study has one."),
        Item("software and versions", "CLAIM model", ("reproducibility", "times")),
    ],
    "Results": [
        Item(
            "scores that fit the task, on held-out images",
            "CLAIM evaluation; TRIPOD+AI 12; METRICS 20, 26",
            ("architectures", "models"),
        ),
        Item("an interval beside every score", "CLAIM results; TRIPOD+AI 23; METRICS 21", ("intervals",)),
        Item(
            "tests between models, and what is done about their number",
            "CLAIM evaluation",
            ("held-out", "comparison"),
        ),
        Item("a simple model beside the others", "METRICS 25", ("architectures",), "If the study has one."),
        Item("calibration of the probabilities", "TRIPOD+AI 12, 23; METRICS 22", ("calibration",)),
        Item("how a probability becomes a class", "TRIPOD+AI 15", ("thresholds",)),
        Item("benefit of a decision by the model", "TRIPOD+AI 12; METRICS 24", ("decision-curves",)),
        Item("robustness to changes of the images", "CLAIM evaluation; METRICS 17", ("robustness",)),
        Item("spread over folds, and over patients", "TRIPOD+AI 12, 23", ("comparison", "patients")),
        Item("what a prediction rests on", "CLAIM evaluation", ("localisation", "models")),
        Item("which images are classified wrongly, and why", "CLAIM results", ("failures",)),
        Item(
            "a test on data of another source",
            "CLAIM evaluation; TRIPOD+AI 16; METRICS 27",
            ("external",),
            "Public sets share images: one is an external test for another without the copies alone.",
        ),
    ],
    "Discussion and openness": [
        Item("comparison with what others report", "TRIPOD+AI 25", ("papers",)),
        Item("limits", "CLAIM discussion; TRIPOD+AI 26", ("limits",)),
        Item(
            "where data, code and models can be had",
            "CLAIM other information; TRIPOD+AI 18; METRICS 28, 29, 30",
            ("provenance", "reproducibility"),
            "Hashes identify them. State in your text where they are published.",
        ),
    ],
}
