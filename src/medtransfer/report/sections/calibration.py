"""Whether a probability of 90 % is right nine times in ten, before and after scaling."""

from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.plotting import png
from medtransfer.report import calibration
from medtransfer.report.blocks import Paragraph, Picture, Row, Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 260
CAPTION = (
    "All models on the held-out test set of {images} images of {groups} groups, before and after scaling by their "
    "temperature. {intervals} Lower is better, also of log loss (nats) and Brier score. Calibration error: mean "
    "distance of accuracy from the probability of the predicted class, over 15 bins (Guo et al. 2017). Few images "
    "alone make it larger than 0: an error of a few hundredths is no proof of wrong probabilities."
)
BELOW = "Below a score: its 95 % interval, by resampling groups; before and after are of the same images."
OF_THE_MEAN = f"{BELOW} These scores are of the folds' mean probability."
DIAGRAM = (
    "Reliability of {model} {when} scaling, on the test set. A dot is a bin of images with similar confidence; "
    "below the line the model is too sure, above it too unsure. Bars: the number of images in each bin. A bin whose "
    "interval reaches the line is no evidence against the probabilities."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """A table of all models, sentences, and the reliability diagram of the headline."""
    dataset, headline = settings.dataset, settings.headline
    evaluations = {name: store.metrics(dataset, name).read() for name in settings.models}
    all_decisions = {name: store.evaluated(dataset, name).decisions(Decisions).read() for name in settings.models}
    tested = evaluations[headline].tested
    caption = CAPTION.format(
        images=evaluations[headline].images,
        groups=evaluations[headline].groups,
        intervals=OF_THE_MEAN if tested == "folds" else BELOW,
    )
    words = calibration.in_words(tested, store.development(dataset, headline, Development).read(), all_decisions)
    bins = store.evaluated(dataset, headline).reliability.read()
    pictures = []
    for when in ("before", "after"):
        part = bins[bins["scaling"] == when]
        caption_of = DIAGRAM.format(model=headline, when=when)
        described = f"{caption_of} Confidence, accuracy and images of each bin: {calibration.bins_in_words(part)}."
        pictures.append(Picture(png(calibration.reliability_figure(part, f"{when} scaling")), described, caption_of))
    return Section(
        "Calibration",
        "calibration",
        [*map(Paragraph, words), TableBlock(calibration.table(all_decisions), caption), Row(pictures)],
    )
