"""Every model's scores on the held-out test set, with intervals, and how these are made."""

from medtransfer.evaluation.choices import IN_WORDS
from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.metrics import shown_in
from medtransfer.plotting import png
from medtransfer.report import bars, interval_words, scores
from medtransfer.report.blocks import Block, Details, Items, Picture, Section, Subsection, TableBlock
from medtransfer.report.decisions import rule_in_words
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.records import Evaluation

ORDER = 100
TESTED = {str(kind): words for kind, words in IN_WORDS.items()}
READING = (
    "Intervals of single models say little about their difference, because all models are scored on the same images: "
    "for that see Comparison."
)
BARS = "Scores of the table above as bars; a line is the 95 % interval."
SPREAD = (
    "Standard deviation (n - 1) of the test scores of the folds' networks. It shows what other development images and "
    "another training do to a score, on the same test images; folds share most of their images, so it is too small."
)
FOLDS = "Test scores of each fold's network"
BY_FOLD = (
    "On the same test images. Of an ensemble: the mean of its members' networks of a fold. No fold is chosen by these "
    "scores."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """A row for each model."""
    evaluations = {name: store.metrics(settings.dataset, name).read() for name in settings.models}
    headline = evaluations[settings.headline]
    decisions = store.evaluated(settings.dataset, settings.headline).decisions(Decisions).read()
    caption = f"{_what(headline)} {rule_in_words(decisions)} {_titles(headline)} {READING}"
    drawn = Picture(png(bars.bars_of_scores(evaluations)), f"{BARS} {bars.in_words(evaluations)}.", BARS)
    blocks: list[Block] = [TableBlock(scores.architectures(evaluations), caption), drawn]
    spread = scores.spread(evaluations)
    if len(spread):
        blocks.append(TableBlock(spread, SPREAD))
    of_folds = scores.by_fold(evaluations)
    if len(of_folds):
        blocks.append(Details(FOLDS, [TableBlock(of_folds, BY_FOLD)]))
    made = Subsection("How the intervals are made", [Items(interval_words.made(headline))], "intervals")
    return Section("Architectures", "architectures", [*blocks, made])


def _what(evaluation: Evaluation) -> str:
    alone = len(evaluation.folds) == 1 and evaluation.tested != "refit"
    tested = "the network that was trained beside one validation part" if alone else TESTED[evaluation.tested]
    return (
        f"Scores on the held-out test set of {evaluation.images} images of {evaluation.groups} groups, each with its "
        f"95 % interval below it. Tested: {tested}."
    )


def _titles(evaluation: Evaluation) -> str:
    """What the columns are."""
    shown = shown_in("architectures").values()
    of_a_class = ", ".join(metric.title for metric in shown if metric.per_class)
    units = "".join(f" Unit of {metric.title}: {metric.unit}." for metric in shown if metric.unit)
    averaging = evaluation.averaging
    mean = ", of the folds' mean probability" if evaluation.tested == "folds" else ""
    which = averaging if averaging == "mean over classes" else f"those of the class {averaging}"
    return (
        f"Scores that belong to a class ({of_a_class}): {which}.{units} Copy-free: accuracy on the "
        f"{evaluation.test_copy_free.images} test images that have no copy in development{mean}."
    )
