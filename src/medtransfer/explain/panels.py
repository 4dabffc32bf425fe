"""A row per image, a column per way of looking at it: Rafiq et al.'s figures 13 and 14."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.sample import Case
from medtransfer.plotting import HEAT

BRIGHTEST = 99  # percentile of a map above which all is drawn alike: single pixels outshine the rest of a gradient
WRAPPED = 16  # characters of a column's title a line


def panels(cases: Sequence[Case], maps: Mapping[str, NDArray[np.floating]], title: str) -> Figure:
    """Columns: the image with its lesion's outline in white, grey pictures, a saliency map, and that on the image.

    A row per case (N of them), named for its actual class. `maps` are N x h x w, 0..1, each by its name; the last of
    them is the saliency map.
    """
    *pictures, saliency = maps
    columns = ["image", *pictures, saliency, f"{saliency} on the image"]
    size = 1.5 * len(columns) + 0.4, 1.65 * len(cases) + 0.9
    figure, axes = plt.subplots(len(cases), len(columns), figsize=size, squeeze=False)
    for number, (row, case) in enumerate(zip(axes, cases, strict=True)):
        for axis in row:
            axis.set(xticks=[], yticks=[])
            axis.grid(visible=False)
            axis.spines[:].set_visible(False)
        grey, shown = case.image.mean(axis=-1), _clipped(maps[saliency][number])
        _show(row[0], grey / 255)
        if case.mask is not None and case.mask.any():
            row[0].contour(case.mask, levels=[0.5], colors="white", linewidths=1)
        for axis, picture in zip(row[1:], pictures, strict=False):
            _show(axis, maps[picture][number])
        row[-2].imshow(shown, cmap=HEAT, vmin=0, vmax=1)
        _show(row[-1], grey / 255)
        row[-1].imshow(shown, cmap=HEAT, alpha=0.15 + 0.6 * shown, vmin=0, vmax=1)
        row[0].set_ylabel(case.actual)
        row[0].set_xlabel(f"{case.predicted} {case.probability:.0%}", fontsize=8)
    for axis, name in zip(axes[0], columns, strict=True):
        axis.set_title(_wrapped(name), fontsize=8)
    figure.suptitle(title)
    return figure


def _show(axis: Axes, grey: NDArray[np.floating]) -> None:
    axis.imshow(grey, cmap="gray", vmin=0, vmax=1)


def _clipped(saliency: NDArray[np.floating]) -> NDArray[np.floating]:
    brightest = np.percentile(saliency, BRIGHTEST)
    return np.clip(saliency / brightest, 0, 1) if brightest > 0 else saliency


def _wrapped(name: str) -> str:
    return "\n".join(textwrap.wrap(name, WRAPPED))
