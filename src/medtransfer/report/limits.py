"""What may not be concluded from a study: sentences by rule, from what is known of its data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

INTENDED = (
    "Intended use: research and teaching, to compare recipes of training on one data set, and to see what leakage does "
    "to scores. Intended users: people who train such models or judge studies of them. Not intended: a diagnosis, a "
    "decision about a patient, the order in which patients are seen, or the choice of a model for other images."
)
# Independent groups of the test set, and of its smallest class: below, intervals are too wide to rank models.
FEW_GROUPS, FEW_OF_A_CLASS = 100, 30


@dataclass(frozen=True)
class Basis:
    """What the numbers of a study rest on."""

    synthetic: bool  # made by code
    images: int  # of the whole set
    pictures: int  # copies count once
    patients: str  # "all", "some" or "none" of the images name theirs
    rejected: int  # files of the archive that could not be used
    conflicting: int  # images whose picture has two labels
    conflicts: str  # what happens to them: "drop" or "keep"
    strategy: str  # of splitting
    test_images: int
    test_groups: int
    leaking: int  # test images with a copy, or another image of their patient, in development
    smallest_class: str  # of the test set, by groups
    smallest_groups: int
    width: float  # of the interval of an accuracy near 80 % with so many groups, in points
    folds: int
    seed: int
    pretrained: bool  # whether a model starts from pretrained weights
    outlines: bool  # whether heat maps are scored against lesion outlines
    annotators: bool  # whether it is stated who labelled the images
    consent: bool  # whether approval and consent are stated
    external: str  # data sets of other sources that the models were scored on; empty where there is none
    pixels: str  # height × width of the prepared images


@dataclass(frozen=True)
class Rule:
    """A limit, and when it holds; {names} in the sentence are filled in from the basis."""

    sentence: str
    holds: Callable[[Basis], bool] = lambda _: True


HANDLED = {"drop": "left out", "keep": "kept"}
RULES = (
    Rule("The images are made by code: no score says anything about a disease or a patient.", lambda b: b.synthetic),
    Rule(
        "Development and test images have one source. How a model does on images of another hospital, scanner or year "
        "is not known: there is no external test.",
        lambda b: not b.synthetic and not b.external,
    ),
    Rule(
        "Outside of their own source, models were scored on {external} alone. On images of yet another hospital, "
        "scanner or year they may do worse.",
        lambda b: bool(b.external),
    ),
    Rule(
        "No image names its patient. Slices of one patient that look different may lie in both test and development, "
        "and scores are likely to be higher than on new patients.",
        lambda b: b.patients == "none",
    ),
    Rule(
        "Some images do not name their patient. Slices of one patient that look different may lie in both test and "
        "development, and scores are likely to be higher than on new patients.",
        lambda b: b.patients == "some",
    ),
    Rule(
        "Under the split “{strategy}”, {leaking} of the {test_images} test images have a copy, or another image of "
        "their patient, in development. The scores are too high for new images.",
        lambda b: b.leaking > 0,
    ),
    Rule(
        "The set consists mostly of copies: {images} images of {pictures} pictures. It is a smaller set than it seems.",
        lambda b: 2 * b.pictures <= b.images,
    ),
    Rule(
        "The test set has {test_groups} independent groups. With so many, the interval of an accuracy near 80 % is "
        "{width:.0f} points wide: models that differ by less may be equally good.",
        lambda b: b.test_groups < FEW_GROUPS,
    ),
    Rule(
        "The class {smallest_class} has {smallest_groups} independent groups in the test set: its own scores, such as "
        "its sensitivity, are rough.",
        lambda b: b.smallest_groups < FEW_OF_A_CLASS,
    ),
    Rule(
        "{conflicting} images show a picture that occurs under two labels, and are {handled}. Other labels may be "
        "wrong too.",
        lambda b: b.conflicting > 0,
    ),
    Rule(
        "Files of the archive that could not be used: {rejected} (see Data). If they differ from the others, the "
        "scores do not hold for them.",
        lambda b: b.rejected > 0,
    ),
    Rule(
        "No model of this study starts from pretrained weights: it cannot say whether transfer learning helps.",
        lambda b: not b.pretrained,
    ),
    Rule(
        "There is one part to validate on: how scores vary with the training images is not measured.",
        lambda b: b.folds == 1,
    ),
    Rule(
        "All results are of one held-out test set and one seed ({seed}). Another draw gives other numbers, and the "
        "spread over folds shows only a part of that."
    ),
    Rule("Who labelled the images, and how, is not stated: the labels cannot be judged.", lambda b: not b.annotators),
    Rule(
        "Approval by an ethics board and consent of the patients are not stated for this set.", lambda b: not b.consent
    ),
    Rule(
        "Age, sex, ethnicity and other illnesses of the patients are unknown to the pipeline: whether a model is worse "
        "for some of them cannot be seen.",
        lambda b: not b.synthetic,
    ),
    Rule(
        "The classes are as frequent as in this set, and not as in a clinic. Accuracy and predictive values depend on "
        "how frequent they are. An image of anything else is put into one of these classes too."
    ),
    Rule(
        "A model sees one image of {pixels} pixels at a time, and nothing else: no finer detail, no neighbouring "
        "image, no history. No human reader was compared with it."
    ),
    Rule("No image has a lesion outline: heat maps can be looked at, but not scored.", lambda b: not b.outlines),
    Rule(
        "A heat map that falls on a lesion shows where a model is sensitive, and not that it decides for the right "
        "reason.",
        lambda b: b.outlines,
    ),
)


def limits(basis: Basis) -> Sequence[str]:
    """The sentences of the rules that hold, in the order of the table."""
    values = vars(basis) | {"handled": HANDLED[basis.conflicts]}
    return [rule.sentence.format(**values) for rule in RULES if rule.holds(basis)]
