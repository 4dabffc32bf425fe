"""What the held-out images say of three models, written by hand: no test is run."""

from medtransfer.comparison.critical_difference import Ranking
from medtransfer.comparison.delong import DeLong
from medtransfer.comparison.detectable import Detectable
from medtransfer.comparison.effects import AccuracyDifference
from medtransfer.comparison.families import pairs_of
from medtransfer.comparison.held_out import HeldOutComparison, HeldOutPair
from medtransfer.comparison.mcnemar import Cochran, McNemar, OddsRatio
from medtransfer.comparison.summary import HeldOutResults, MetricDifference
from medtransfer.store.interval import Interval

ASSUMES = "It assumes that images are independent."
RANKING = Ranking(
    {"both": 1.0, "unet": 2.25, "cnn": 2.75}, 2, 3.2, 2, 0.2, 1.5,
    [("cnn", "unet", 0.9), ("cnn", "both", 0.04), ("unet", "both", 0.1)], [["both", "unet"], ["unet", "cnn"]],
    "It assumes that folds are independent.",
)  # fmt: skip


def pair(a: str, b: str) -> HeldOutPair:
    """The first model is right on five images more of ten, and more surely so by images than by groups."""
    return HeldOutPair(
        a, b,
        AccuracyDifference(Interval(0.5, 0.125, 0.75), 0.02, 10, 4, "interval by the bootstrap"), 0.06,
        McNemar(6, 1, 10, 4, 0.125, 0.07, ASSUMES), 0.21, OddsRatio(6.0, 0.73, None),
        DeLong(0.9, 0.7, 0.2, 0.01, (0.004, 0.396), 2.0, 0.0455, ASSUMES), 0.0004, Detectable(0.2501, "80 % power."),
    )  # fmt: skip


def results(models: list[str], baseline: str | None = None) -> HeldOutResults:
    """Of each two models, or with a baseline; ranks are of the three models of `finished_study`."""
    pairs = pairs_of(models, baseline)
    differences = [
        MetricDifference(a, b, metric, value, (value - 0.125, value + 0.125), 0.01, holm_p)
        for metric, value, holm_p in (("accuracy", 0.5, 0.06), ("f1", 0.0625, 0.3), ("roc_auc", 0.25, 0.03))
        for a, b in pairs
    ]
    tests = HeldOutComparison(Cochran(7.5, len(models) - 1, 0.0235, ASSUMES), [pair(a, b) for a, b in pairs])
    sentences = [f"{a} and {b} cannot be told apart." for a, b in pairs]
    ranks, accuracy = RANKING if len(models) > 2 else None, dict.fromkeys(models, 0.5)
    return HeldOutResults(10, 4, baseline, accuracy, tests, differences, sentences, ranks)
