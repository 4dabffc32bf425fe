"""Overlays of heat maps on images: the right and the wrong predictions of every class."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.grids import enlarged
from medtransfer.explain.sample import Case, Sample
from medtransfer.plotting import HEAT, PALETTE

LEVELS = (0.25, 0.5, 0.75)  # of a heat map, at which contours run
LESION = PALETTE[1]  # where white is the contours'

Overlay = Literal["shaded", "contours"]


@dataclass(frozen=True)
class Style:
    """What figures have in common."""

    subject: str  # whose figure it is
    count: int  # images a class and side
    overlay: Overlay  # how heat maps lie over images


def overlay_grid(sample: Sample, heat_maps: NDArray[np.floating], title: str, style: Style) -> Figure:
    """A row per class; on its left the right predictions, on its right the wrong ones, `style.count` of each.

    Heat maps (N x h x w, 0..1, of the sample's images) are drawn over the grey image, the outline of the lesion in
    white. With contours, white are the lines of equal value (EfficientNet report of 2025, figure 3), and the lesion's
    outline is dashed. A place without a case says so.
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
    axis.imshow(case.image.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
    axis.imshow(heat_map, cmap=HEAT, alpha=0.15 + 0.45 * heat_map, vmin=0, vmax=1)
    outline: dict[str, Any] = {"colors": "white", "linewidths": 1}
    if overlay == "contours":
        if heat_map.max() > LEVELS[0]:
            axis.contour(heat_map, levels=LEVELS, colors="white", linewidths=0.8)
        outline = {"colors": LESION, "linewidths": 1.4, "linestyles": "dashed"}
    if case.mask is not None and case.mask.any():
        axis.contour(case.mask, levels=[0.5], **outline)
    # The class is drawn in words, not colour: right and wrong stand in columns of their own.
    axis.set_xlabel(f"{case.predicted} {case.probability:.0%}", fontsize=8)


def _draw_nothing(axis: Axes, text: str) -> None:
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color="0.4")
