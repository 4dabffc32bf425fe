"""Sets of classes that hold the true one with a stated chance."""

from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.report import prediction_sets
from medtransfer.report.blocks import Block, Note, Paragraph, Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 300
WHAT = (
    "A prediction set names every class that the image may well be of, in place of the most probable one alone: it is "
    "made to hold the true class of a new image with a chance of at least {level:.0%}, in every class (split conformal "
    "prediction by class)."
)
LIMITS = (
    "The chance holds on average over development sets, for new images of groups like those of the development set; it "
    "does not hold for each image, nor for images of another source. Here it is an approximation, because the sets are "
    "calibrated on the folds' networks, each on the images that it left out, and another model is tested: so coverage "
    "is measured."
)
COVERAGE = (
    "Coverage: the share of the {images} test images ({groups} groups) whose set holds their class, with 95 % "
    "interval, and the same of each class. {calibrated} A coverage whose interval holds {level:.2f} agrees with the "
    "level; a higher one means larger sets than needed."
)
SIZES = (
    "Size of the sets of these images: the mean number of classes, and the share of sets with no class, with one and "
    "with more. At the same coverage, smaller sets say more. Empty: no class is as probable as it usually is for "
    "its images."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Two tables of all models, or the sentence that says why there are no sets."""
    dataset = settings.dataset
    all_decisions = {name: store.evaluated(dataset, name).decisions(Decisions).read() for name in settings.models}
    classes = store.settings_of_dataset(dataset).classes.read().names
    level, missing = all_decisions[settings.headline].level, prediction_sets.missing(all_decisions)
    blocks: list[Block] = [Paragraph(WHAT.format(level=level)), *map(Paragraph, missing)]
    coverages = prediction_sets.coverages(all_decisions, classes)
    if len(coverages):
        evaluation = store.metrics(dataset, settings.headline).read()
        calibrated = _calibrated(store, dataset, coverages["model"].iloc[0])
        counted = {"images": evaluation.images, "groups": evaluation.groups, "level": level}
        blocks += [
            Paragraph(prediction_sets.below(all_decisions, classes)),
            TableBlock(coverages, COVERAGE.format(calibrated=calibrated, **counted)),
            TableBlock(prediction_sets.sizes(all_decisions), SIZES),
            Note(LIMITS),
        ]
    return Section("Prediction sets", "prediction-sets", blocks)


def _calibrated(store: Store, dataset: str, model: str) -> str:
    """What the sets of a model rest on: the same images for all models."""
    sets = store.development(dataset, model, Development).read().conformal
    if sets is None:
        return ""
    each = ", ".join(
        f"{name} {images} of {groups}"
        for name, images, groups in zip(sets.classes, sets.images, sets.groups, strict=True)
    )
    return f"Calibrated on development images, and groups of these: {each}."
