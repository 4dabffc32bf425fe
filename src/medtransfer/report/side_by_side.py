"""The same test images through several models: the plain image, then each model's heat map over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import HEAT, draw_overlay
from medtransfer.report.gallery import Told, write_below

TRIPLES = 2  # images in a line of the figure of triples


@dataclass(frozen=True)
class Images:
    """N test images, the same for every model."""

    pixels: NDArray[np.uint8]  # N x H x W x C
    masks: Sequence[NDArray[np.bool_] | None]  # lesions, H x W each
    contours: bool  # whether heat maps are drawn with lines of equal value


@dataclass(frozen=True)
class Maps:
    """A model's heat maps of them, and what it said."""

    maps: NDArray[np.floating]  # N x H x W, 0..1
    told: Sequence[Told]


def side_by_side(images: Images, models: Mapping[str, Maps]) -> Figure:
    """A row per image: as it is, with its actual class, and a column for each model's heat map over it."""
    count = len(images.pixels)
    size = 1.55 * (1 + len(models)), 1.9 * count + 0.3
    figure, axes = plt.subplots(count, 1 + len(models), figsize=size, squeeze=False)
    for number, (first, *rest) in enumerate(axes):
        _plain(first, images.pixels[number])
        write_below(first, [f"true: {next(iter(models.values())).told[number].actual}"], right=True)
        for axis, each in zip(rest, models.values(), strict=True):
            told = each.told[number]
            draw_overlay(axis, images.pixels[number], each.maps[number], images.masks[number], images.contours)
            write_below(axis, [f"{told.predicted} {told.probability:.0%}"], told.right)
    for axis, title in zip(axes[0], ["image", *models], strict=True):
        axis.set_title(title, fontsize=9)
    return figure


def triples(images: Images, model: Maps) -> Figure:
    """Of each image: as it is, the heat map alone, and the map over the image with lines of equal value.

    EfficientNet report of 2025, figure 3.
    """
    count = len(images.pixels)
    lines = -(-count // TRIPLES)
    figure, axes = plt.subplots(lines, 3 * TRIPLES, figsize=(4.65 * TRIPLES + 0.7, 1.85 * lines + 0.3), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    shown = None
    for number in range(count):
        plain, alone, over = axes[number // TRIPLES][3 * (number % TRIPLES) :][:3]
        told, heat_map = model.told[number], model.maps[number]
        _plain(plain, images.pixels[number])
        shown = alone.imshow(heat_map, cmap=HEAT, vmin=0, vmax=1)
        draw_overlay(over, images.pixels[number], heat_map, images.masks[number], contours=True)
        write_below(plain, [f"true: {told.actual}"], right=True)
        write_below(alone, [], right=True)
        write_below(over, [f"{told.predicted} {told.probability:.0%}"], told.right)
    for axis, title in zip(axes[0], ["image", "map", "map on the image"] * min(count, TRIPLES), strict=False):
        axis.set_title(title, fontsize=9)
    if shown is not None:
        figure.colorbar(shown, ax=axes, label="value of the map", shrink=0.8, aspect=30)
    return figure


def _plain(axis: plt.Axes, image: NDArray[np.uint8]) -> None:
    axis.imshow(np.broadcast_to(image, (*image.shape[:2], 3)))
