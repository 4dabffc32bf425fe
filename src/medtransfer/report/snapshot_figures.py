"""Figures of a training's snapshots: confusion matrices, and what an autoencoder gives back, over epochs."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import HEAT

MOST = 8  # matrices in a figure


def shown_epochs(epochs: Sequence[int], most: int = MOST) -> list[int]:
    """At most so many of some epochs, in even steps; the first and the last are among them."""
    places = np.unique(np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int))
    return [epochs[place] for place in places]


def confusions(counts: pd.DataFrame, classes: Sequence[str]) -> Figure:
    """A matrix for each epoch, actual classes down and predicted ones across, shaded by the share of the actual class.

    `counts` has columns epoch, actual, predicted, images; rows of several folds are added up.
    """
    epochs = list(dict.fromkeys(counts["epoch"]))
    columns = min(4, len(epochs))
    rows = -(-len(epochs) // columns)
    size = 0.7 + columns * (0.5 + 0.5 * len(classes)), 0.9 + rows * (0.7 + 0.45 * len(classes))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, sharex=True, sharey=True)
    table = counts.pivot_table(index=["epoch", "actual"], columns="predicted", values="images", aggfunc="sum")
    for axis in axes.flat[len(epochs) :]:
        axis.set_axis_off()
    for axis, epoch in zip(axes.flat, epochs, strict=False):
        matrix = table.loc[epoch].reindex(index=list(classes), columns=list(classes)).to_numpy()
        share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axis.imshow(share, cmap=HEAT, vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(matrix):
            colour = "white" if share[row, column] < 0.6 else "black"
            axis.text(column, row, str(int(count)), ha="center", va="center", color=colour, fontsize=8)
        axis.set_title(f"epoch {epoch}", fontsize=9)
        axis.grid(visible=False)
        axis.set_xticks(range(len(classes)), classes, rotation=30, ha="right", fontsize=8)
        axis.set_yticks(range(len(classes)), classes, fontsize=8)
    figure.supxlabel("predicted (images)", fontsize=9)
    figure.supylabel("actual (images)", fontsize=9)
    return figure


def pictures_over_epochs(images: NDArray[np.uint8], pictures: NDArray[np.uint8], epochs: Sequence[int]) -> Figure:
    """A row for each of K images (K x H x W), and what a network made of it after each of E epochs (E x K x H x W)."""
    figure, axes = plt.subplots(
        len(images), 1 + len(epochs), figsize=(1.3 * (1 + len(epochs)), 1.35 * len(images) + 0.3), squeeze=False
    )
    for number, row in enumerate(axes):
        for axis, picture in zip(row, (images[number], *pictures[:, number]), strict=True):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=255)
            axis.set_axis_off()
    for axis, title in zip(axes[0], ("image", *(f"epoch {epoch}" for epoch in epochs)), strict=True):
        axis.set_title(title, fontsize=9)
    return figure
