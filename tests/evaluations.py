"""Evaluations of models that were never trained, for tests of what is made of them."""

from dataclasses import replace
from typing import Any

from medtransfer.evaluation.decisions import OF_CALIBRATION, Decisions
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.operating_points import OperatingPoint
from medtransfer.evaluation.thresholds import ARGMAX
from medtransfer.store.interval import Interval
from medtransfer.store.records import Bounds, CopyFree, Evaluation, FoldScores, Intervals, Scores


def scores(classes: int = 2, **values: float) -> Scores:
    """Every metric is 0.5, but for those that are given; each interval reaches 1/16 to either side."""
    every = dict.fromkeys(METRICS, 0.5) | values
    macro = {key: every[key] for key, metric in METRICS.items() if metric.per_class}
    around, of_classes = bounds(every), bounds(macro)
    intervals = Intervals(around, of_classes, of_classes, [of_classes] * classes)
    return Scores(every, macro, macro, [macro] * classes, [[9, 1], [1, 9]], intervals)


def bounds(values: dict[str, float]) -> dict[str, Bounds]:
    """An interval around each value."""
    return {key: Bounds(value - 1 / 16, value + 1 / 16, "group bootstrap") for key, value in values.items()}


def evaluation(
    test: Scores, folds: tuple[float, ...] = (), classes: tuple[str, ...] = ("x", "y"), copy_free: float | None = 0.4
) -> Evaluation:
    """Of a model with these test scores, and this validation accuracy in every fold."""
    on_folds = [FoldScores(fold, scores(accuracy=value), test) for fold, value in enumerate(folds)]
    free = CopyFree(0 if copy_free is None else 5, copy_free, None)
    return Evaluation("d", "a", "grouped", list(classes), "x", "mean", 20, 10, test, free, on_folds)


def decisions(**changes: Any) -> Decisions:  # noqa: ANN401
    """Argmax over a set with the condition `ill`, at temperature 2, without prediction sets."""
    before, after = dict.fromkeys(OF_CALIBRATION, 0.5), dict.fromkeys(OF_CALIBRATION, 0.25)
    points = [OperatingPoint("specificity", 0.95, Interval(0.75, 0.5, 1))]
    default = Decisions("ill", ARGMAX, 2.0, "", before, after, points, None, None, None, 0.9, None, "too few groups")
    return replace(default, **changes)
