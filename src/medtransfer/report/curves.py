"""Curves of several models in one plot: ROC curves of a class, learning curves over epochs and over images."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from medtransfer.comparison.learning_curves import LearningCurves
from medtransfer.plotting import BAND, LINES, MARKERS, PALETTE

WITHIN = 6  # models whose legend is within the plot; that of more is below
MARKER = "o"  # of a curve with one point
Ends = tuple[float, float]


def area(curve: pd.DataFrame) -> float:
    """That under a drawn ROC curve: with `evaluate.tested: folds` it is not the mean of the folds' areas."""
    return float(np.trapezoid(curve["true_positive_rate"], curve["false_positive_rate"]))


def roc_of_models(curves: Mapping[str, pd.DataFrame], areas: Mapping[str, float], band: pd.DataFrame) -> Figure:
    """A ROC curve for each model, of one class against the rest; `band` is that of the first model.

    `curves` have columns false_positive_rate and true_positive_rate, `band` has false_positive_rate, low and high.
    """
    figure, axis = plt.subplots(figsize=(4.4, 4.2 + _below(len(curves))))
    axis.plot([0, 1], [0, 1], LINES[3], color="0.5", label="chance (0.500)")
    axis.fill_between(band["false_positive_rate"], band["low"], band["high"], color=PALETTE[0], alpha=BAND, linewidth=0)
    for number, (name, curve) in enumerate(curves.items()):
        axis.plot(
            curve["false_positive_rate"],
            curve["true_positive_rate"],
            LINES[number % len(LINES)],
            color=PALETTE[number % len(PALETTE)],
            label=f"{name} ({areas[name]:.3f})",
        )
    axis.set(xlabel="false positive rate (share)", ylabel="true positive rate (share)", aspect="equal")
    _legend(figure, len(curves), "lower right")
    return figure


def over_folds(history: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The mean, smallest and largest over folds of a column of a history, by epoch; of the folds that reach it."""
    return history.groupby("epoch")[quantity].agg(["mean", "min", "max"])


def learning_curves_of_models(histories: Mapping[str, pd.DataFrame], quantity: str, label: str) -> Figure:
    """A line for each model, its mean over folds, and a band from the smallest to the largest fold.

    A history has the columns fold, epoch and `quantity`.
    """
    figure, axis = plt.subplots(figsize=(5.2, 3.8 + _below(len(histories))))
    for number, (name, history) in enumerate(histories.items()):
        spread, colour = over_folds(history, quantity), PALETTE[number % len(PALETTE)]
        axis.fill_between(spread.index, spread["min"], spread["max"], color=colour, alpha=BAND, linewidth=0)
        style = LINES[number % len(LINES)] if len(spread) > 1 else MARKER  # of one point, a line cannot be seen
        axis.plot(spread.index, spread["mean"], style, color=colour, label=name)
    axis.set(xlabel="epoch", ylabel=label)
    _legend(figure, len(histories), "best")
    return figure


def _below(models: int) -> float:
    """Inches that a legend takes below a plot, where it would hide too much of it within."""
    return 0.21 * (models + 2) if models > WITHIN else 0.0


def _legend(figure: Figure, models: int, place: str) -> None:
    if models > WITHIN:
        figure.legend(loc="outside lower center", fontsize=8)
    else:
        figure.axes[0].legend(loc=place, fontsize=8)


def accuracy_by_images(curves: LearningCurves) -> Figure:
    """A line and a band for each model: test accuracy against the number of training images, on a log axis."""
    figure, axis = plt.subplots(figsize=(5.6, 3.8 + _below(len(curves.models))))
    for number, (name, points) in enumerate(curves.models.items()):
        ends = [point.interval for point in points]
        _line_of_images(axis, curves, number, ([point.accuracy for point in points], ends), name)
    axis.set(ylabel="test accuracy (share)")
    _legend(figure, len(curves.models), "best")
    return figure


def accuracy_by_architecture(curves: LearningCurves, panels: Mapping[str, Sequence[str]]) -> Figure:
    """The same with a panel for each architecture, which names its models; accuracy has one scale in all of them."""
    rows = max(len(models) for models in panels.values())
    size = (4.3 * len(panels), 3.4 + 0.21 * rows)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (architecture, models) in zip(axes.flat, panels.items(), strict=True):
        for number, name in enumerate(models):
            points = curves.models[name]
            ends = [point.interval for point in points]
            _line_of_images(axis, curves, number, ([point.accuracy for point in points], ends), name)
        axis.set_title(architecture)
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), fontsize=8, frameon=False)
    axes.flat[0].set(ylabel="test accuracy (share)")
    return figure


def differences_by_images(curves: LearningCurves) -> Figure:
    """The same for the difference of each pair of a pretrained model and one from random weights."""
    figure, axis = plt.subplots(figsize=(5.6, 3.0 + _below(len(curves.pairs))))
    axis.axhline(0, color="0.35", linewidth=1.2)
    for number, pair in enumerate(curves.pairs):
        values = [100 * each.value for each in pair.differences]
        ends = [each.interval and (100 * each.interval[0], 100 * each.interval[1]) for each in pair.differences]
        _line_of_images(axis, curves, number, (values, ends), f"{pair.models.a} − {pair.models.b}")
    axis.set(ylabel="difference in test\naccuracy (points)")
    _legend(figure, len(curves.pairs), "best")
    return figure


def _line_of_images(
    axis: Axes, curves: LearningCurves, number: int, shown: tuple[Sequence[float], Sequence[Ends | None]], label: str
) -> None:
    values, ends = shown
    images, colour = [each.images for each in curves.fractions], PALETTE[number % len(PALETTE)]
    low, high = zip(*[end or (value, value) for value, end in zip(values, ends, strict=True)], strict=True)
    axis.fill_between(images, low, high, color=colour, alpha=BAND, linewidth=0)
    style = MARKERS[number % len(MARKERS)] + LINES[number % len(LINES)]
    axis.plot(images, values, style, color=colour, markersize=5, label=label)
    axis.set(xscale="log", xlabel="training images (log scale)")
    axis.set_xticks(images, [str(each) for each in images])
    axis.set_xticks([], minor=True)
