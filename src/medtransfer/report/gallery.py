"""Test images with what they show and what a model said of them."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import PALETTE

LETTERS = 22  # of a line under an image
WRONG = PALETTE[1]


@dataclass(frozen=True)
class Told:
    """What a model said of an image."""

    actual: str
    predicted: str
    probability: float  # of the predicted class

    @property
    def right(self) -> bool:
        """Whether the prediction is the actual class."""
        return self.actual == self.predicted


def gallery(images: NDArray[np.uint8], told: Sequence[Told], across: int) -> Figure:
    """Images (N x H x W x 1 or 3), `across` in a line, the true and the predicted class below each."""
    lines = -(-len(images) // across)
    figure, axes = plt.subplots(lines, across, figsize=(1.55 * across, 2.15 * lines), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, each in zip(axes.flat, images, told, strict=False):
        axis.imshow(np.broadcast_to(image, (*image.shape[:2], 3)))
        write_below(axis, [f"true: {each.actual}", f"predicted: {each.predicted} {each.probability:.0%}"], each.right)
    return figure


def write_below(axis: Axes, sentences: Sequence[str], right: bool) -> None:
    """Lines of text under an image; of a wrong prediction they say so, and the image has a thick frame."""
    sentences = sentences if right else ["WRONG", *sentences]
    text = "\n".join(line for each in sentences for line in textwrap.wrap(each, LETTERS))
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    for spine in axis.spines.values():
        spine.set(visible=not right, color=WRONG, linewidth=3)
    axis.set_xlabel(text, fontsize=8, color="black")
