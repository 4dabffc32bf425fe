"""Overlays of heat maps on images: the right and the wrong predictions of every class."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.grids import enlarged
from medtransfer.explain.sample import Case, Sample
from medtransfer.plotting import draw_overlay

Overlay = Literal["shaded", "contours"]


@dataclass(frozen=True)
class Style:
    """What figures have in common."""

    subject: str  # whose figure it is
    count: int  # images a class and side
    overlay: Overlay  # how heat maps lie over images


def overlay_grid(sample: Sample, heat_maps: NDArray[np.floating], title: str, style: Style) -> Figure:
    """A row per class; on its left the right predictions, on its right the wrong ones, `style.count` of each.

    Heat maps (N x h x w, 0..1, of the sample's images) are drawn by `draw_overlay`. A place without a case says so.
    """
    count = style.count
    size = 1.6 * 2 * count + 0.6, 1.75 * len(sample.shown) + 0.7
    figure, axes = plt.subplots(len(sample.shown), 2 * count, figsize=size, squeeze=False)
    for row, (label, shown) in zip(axes, sample.shown.items(), strict=True):
        for side, numbers in enumerate((shown.right, shown.wrong)):
            for place in range(count):
                axis = row[side * count + place]
                axis.set(xticks=[], yticks=[])
                axis.grid(visible=False)
                if place < len(numbers):
                    _draw(axis, sample.cases[numbers[place]], heat_maps[numbers[place]], style.overlay)
                else:
                    _draw_nothing(axis, "none" if place == 0 else "")
        row[0].set_ylabel(label)
        row[0].axis("on")
    axes[0][0].set_title("predicted right", loc="left", pad=16, fontweight="bold")
    axes[0][count].set_title("predicted wrong", loc="left", pad=16, fontweight="bold")
    figure.suptitle(title)
    return figure


def _draw(axis: Axes, case: Case, heat_map: NDArray[np.floating], overlay: Overlay) -> None:
    heat_map = enlarged(heat_map, (case.image.shape[0], case.image.shape[1]), smooth=True)
    draw_overlay(axis, case.image, heat_map, case.mask, overlay == "contours")
    # The class is drawn in words, not colour: right and wrong stand in columns of their own.
    axis.set_xlabel(f"{case.predicted} {case.probability:.0%}", fontsize=8)


def _draw_nothing(axis: Axes, text: str) -> None:
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color="0.4")
