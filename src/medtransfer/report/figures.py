"""The report's figures: learning curves, ROC curves, confusion matrices, fold scores."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.plotting import BAND, HEAT, LINES, MARKERS, PALETTE


def learning_curves(history: pd.DataFrame) -> Figure:
    """Loss and accuracy over epochs, a colour per fold; training dashed, validation solid.

    `history` has columns fold, epoch, loss, accuracy, val_loss, val_accuracy; of an ensemble also member: the curves
    are those of its members.
    """
    history = history.assign(curve="fold " + (history["fold"] + 1).astype(str))
    if "member" in history:
        history["curve"] = history["member"] + ", " + history["curve"]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
    for axis, quantity, unit in zip(axes, ("loss", "accuracy"), ("loss (nats)", "accuracy (share)"), strict=True):
        for number, (name, part) in enumerate(history.groupby("curve", sort=False)):
            colour = PALETTE[number % len(PALETTE)]
            axis.plot(part["epoch"], part[quantity], LINES[1], color=colour, alpha=0.7)
            axis.plot(part["epoch"], part[f"val_{quantity}"], LINES[0], color=colour, label=name)
        axis.set(xlabel="epoch", ylabel=unit, title=f"{quantity}: training dashed, validation solid")
    axes[1].legend(fontsize=8)
    return figure


def reconstruction_curves(history: pd.DataFrame) -> Figure:
    """An autoencoder's error over epochs, a colour per fold; `history` has columns fold, epoch, loss, val_loss."""
    figure, axis = plt.subplots(figsize=(5.2, 3.2))
    for number, (fold, part) in enumerate(history.groupby((history["fold"] + 1).astype(str))):
        colour = PALETTE[number % len(PALETTE)]
        axis.plot(part["epoch"], part["loss"], LINES[1], color=colour, alpha=0.7)
        axis.plot(part["epoch"], part["val_loss"], LINES[0], color=colour, label=f"fold {fold}")
    axis.set(xlabel="epoch", ylabel="mean squared error\n(pixels in 0..1)", yscale="log")
    axis.set_title("autoencoder: training dashed, validation solid")
    axis.legend(fontsize=8)
    return figure


def roc(curves: pd.DataFrame, areas: Mapping[str, float], band: pd.DataFrame) -> Figure:
    """ROC curves, one per class, each with its band.

    `curves` has columns class, false_positive_rate, true_positive_rate; `band` class, false_positive_rate, low, high.
    """
    figure, axis = plt.subplots(figsize=(4.4, 4))
    axis.plot([0, 1], [0, 1], LINES[3], color="0.5", label="chance (0.500)")
    for number, name in enumerate(curves["class"].unique()):
        part, around = curves[curves["class"] == name], band[band["class"] == name]
        colour = PALETTE[number % len(PALETTE)]
        axis.fill_between(
            around["false_positive_rate"], around["low"], around["high"], color=colour, alpha=BAND, linewidth=0
        )
        axis.plot(
            part["false_positive_rate"],
            part["true_positive_rate"],
            LINES[number % len(LINES)],
            color=colour,
            label=f"{name} ({areas[name]:.3f})",
        )
    axis.set(xlabel="false positive rate (share)", ylabel="true positive rate (share)", aspect="equal")
    axis.set_title("test set; area under the curve in brackets", fontsize=10)
    axis.legend(loc="lower right", fontsize=8)
    return figure


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> Figure:
    """Counts of actual (rows) against predicted (columns), shaded by the share of the actual class."""
    table = np.array(counts)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure, axis = plt.subplots(figsize=(1.0 + 0.85 * len(classes), 0.8 + 0.75 * len(classes)))
    axis.imshow(share, cmap=HEAT, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        colour = "white" if share[row, column] < 0.6 else "black"
        axis.text(column, row, str(count), ha="center", va="center", color=colour)
    places = range(len(classes))
    axis.set_xticks(places, classes, rotation=30, ha="right")
    axis.set_yticks(places, classes)
    axis.set(xlabel="predicted (images)", ylabel="actual (images)")
    axis.grid(visible=False)
    return figure


def fold_scores(scores: Mapping[str, Sequence[float]]) -> Figure:
    """Each model's validation accuracy in every fold, lines joining the same fold."""
    names = list(scores)
    table = np.array([scores[name] for name in names])
    figure, axis = plt.subplots(figsize=(2 + 1.3 * len(names), 3.2))
    for fold, column in enumerate(table.T):
        style = MARKERS[fold % len(MARKERS)] + LINES[fold % len(LINES)]
        axis.plot(names, column, style, color=PALETTE[fold % len(PALETTE)], label=f"fold {fold + 1}", alpha=0.85)
    axis.set(ylabel="validation accuracy (share)", xlabel="model")
    axis.margins(x=0.1)
    axis.legend()
    return figure
