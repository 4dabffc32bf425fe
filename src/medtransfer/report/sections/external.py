"""Scores on data sets that the models have never seen, beside those on the held-out test set."""

from medtransfer.evaluation.choices import IN_WORDS
from medtransfer.evaluation.external import SCORED
from medtransfer.plotting import png
from medtransfer.report import external
from medtransfer.report.blocks import Block, Details, Note, Paragraph, Picture, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.external_records import External

ORDER = 350
DROP = (
    "Drop: internal less external. Its interval follows from the two beside it (Newcombe 1998; Zou and Donner 2008), "
    "as the two sets of images are independent."
)
MEANS = (
    "F1 and AUC are means over labels. Accuracy depends on how frequent the labels are in each set; balanced accuracy "
    "and AUC do not."
)
CALIBRATED = (
    "Calibration error and loss (nats), of probabilities at the temperature that was fitted on development images of "
    "{dataset}. Nothing is fitted on {external}."
)
READING = (
    "Images of other sources differ in more than one way: scanners, sequences, patients, how images were chosen, "
    "labelled, cut and stored. A drop does not say which of these it comes from, and no drop on one set promises none "
    "on another. Images are resized to the size of the models' own."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A part for each external set; None where the study names none."""
    names = settings.params.study.external
    if not names:
        return None
    records = [store.external(settings.dataset, name).read() for name in names]
    parts: list[Block] = [
        Subsection(each.external, _blocks(each, settings), f"external-{each.external}") for each in records
    ]
    return Section("Does it hold elsewhere", "external", [*parts, Note(READING)])


def _blocks(record: External, settings: ReportSettings) -> list[Block]:
    order = {name: place for place, name in enumerate(settings.models)}
    record.models.sort(key=lambda model: order[model.model])
    tested = IN_WORDS["refit" if record.tested == "refit" else "mean"]  # of `folds` too
    internal = (
        f"Internal: the {record.internal_images} held-out images of {record.dataset}, of {record.internal_groups} "
        f"groups. External: {record.external}. Tested: {tested}. {DROP}"
    )
    blocks: list[Block] = [Paragraph(external.left_out(record))]
    if mapped := external.labels_in_words(record):
        blocks.append(Paragraph(mapped))
    return [
        *blocks,
        Picture(png(external.figure(record)), external.figure_in_words(record), "Accuracy with 95 % intervals."),
        TableBlock(external.scores_table(record, ["accuracy"]), f"Accuracy. {internal}"),
        Details("Other scores", [TableBlock(external.scores_table(record, SCORED[1:]), MEANS)]),
        TableBlock(
            external.calibration_table(record),
            CALIBRATED.format(dataset=record.dataset, external=record.external),
        ),
    ]
