"""Overlays of heat on images: the right and the wrong predictions of every class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import HEAT, PALETTE

LEVELS = (0.25, 0.5, 0.75)  # of the heat, at which contours run
LESION = PALETTE[1]  # where white is the contours'

Overlay = Literal["shaded", "contours"]


@dataclass(frozen=True)
class Case:
    """A test image and what was made of it."""

    image: NDArray[np.uint8]  # H x W x C
    heat: NDArray[np.floating]  # H x W, 0..1
    mask: NDArray[np.bool_] | None  # H x W
    actual: str
    predicted: str
    probability: float  # of the predicted class


def choose(
    actual: NDArray[np.integer], predicted: NDArray[np.integer], confidence: NDArray[np.floating], count: int
) -> dict[tuple[int, bool], NDArray[np.intp]]:
    """Rows to show for every (class, whether right): the `count` most confident ones, at most."""
    order = np.argsort(-confidence, kind="stable")
    chosen = {}
    for label in np.unique(actual):
        for right in (True, False):
            rows = order[(actual[order] == label) & ((predicted[order] == label) == right)]
            chosen[int(label), right] = rows[:count]
    return chosen


def overlay_grid(
    cases: Mapping[str, tuple[Sequence[Case], Sequence[Case]]], count: int, title: str, overlay: Overlay = "shaded"
) -> Figure:
    """A row per class; on its left the right predictions, on its right the wrong ones, `count` of each.

    Heat is drawn over the grey image, the outline of the lesion in white. With contours, white are the lines of equal
    heat (EfficientNet report of 2025, figure 3), and the lesion's outline is dashed. A place without a case says so.
    """
    height = 1.75 * len(cases) + 0.7
    figure, axes = plt.subplots(len(cases), 2 * count, figsize=(1.6 * 2 * count + 0.6, height), squeeze=False)
    for row, (label, sides) in zip(axes, cases.items(), strict=True):
        for side, shown in enumerate(sides):
            for place in range(count):
                axis = row[side * count + place]
                axis.set(xticks=[], yticks=[])
                axis.grid(visible=False)
                if place < len(shown):
                    _draw(axis, shown[place], overlay)
                else:
                    _draw_nothing(axis, "none" if place == 0 else "")
        row[0].set_ylabel(label)
        row[0].axis("on")
    axes[0][0].set_title("predicted right", loc="left", pad=16, fontweight="bold")
    axes[0][count].set_title("predicted wrong", loc="left", pad=16, fontweight="bold")
    figure.suptitle(title)
    return figure


def _draw(axis: Axes, case: Case, overlay: Overlay) -> None:
    axis.imshow(case.image.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
    axis.imshow(case.heat, cmap=HEAT, alpha=0.15 + 0.45 * case.heat, vmin=0, vmax=1)
    outline: dict[str, Any] = {"colors": "white", "linewidths": 1}
    if overlay == "contours":
        if case.heat.max() > LEVELS[0]:
            axis.contour(case.heat, levels=LEVELS, colors="white", linewidths=0.8)
        outline = {"colors": LESION, "linewidths": 1.4, "linestyles": "dashed"}
    if case.mask is not None and case.mask.any():
        axis.contour(case.mask, levels=[0.5], **outline)
    # The class is drawn in words, not colour: right and wrong stand in columns of their own.
    axis.set_xlabel(f"{case.predicted} {case.probability:.0%}", fontsize=8)


def _draw_nothing(axis: Axes, text: str) -> None:
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color="0.4")
