"""What explanation methods share: a method is a small class that turns maps and gradients into heat."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medtransfer.explain.gradients import gradients

BATCH = 32  # images explained at a time


class Explanation(ABC):
    """Heat maps of a model's logit, from one feature map and the gradient with respect to it.

    Bound to a model and the layer whose feature map it reads, or, where the method is one of `pixels`, to the image
    itself; new weights may be loaded into the model at any time.
    """

    name: str
    pixels: bool = False

    def __init__(self, model: keras.Model, layer: str) -> None:
        maps = model.input if self.pixels else model.get_layer(layer).output
        self._gradients = gradients(keras.Model(model.input, [maps, model.output]))

    @abstractmethod
    def heat(self, maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """Heat (N x h x w, at least 0) from a feature map and its gradient (both N x h x w x C)."""

    def explain(self, images: NDArray, classes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Heat (N x h x w, each map scaled to 0..1) of one class's logit an image, at the feature map's own size.

        An image on which the method finds nothing stays all zero.
        """
        heat = []
        for start in range(0, len(images), BATCH):
            part = slice(start, start + BATCH)
            heat.append(self.heat(*self._gradients(images[part], classes[part])))
        found = np.concatenate(heat)
        peak = found.max(axis=(1, 2), keepdims=True)
        return np.divide(found, peak, out=np.zeros_like(found), where=peak > 0)


def together(maps: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """The mean of several models' heat (each N x h x w), on the grid of the finest."""
    finest = max((found.shape[1:] for found in maps), key=lambda shape: shape[0] * shape[1])
    on_one_grid = [
        found if found.shape[1:] == finest else np.stack([enlarged(heat, finest, smooth=False) for heat in found])
        for found in maps
    ]
    return np.mean(on_one_grid, axis=0)


def enlarged(heat: NDArray[np.floating], size: tuple[int, int], smooth: bool) -> NDArray[np.float32]:
    """One heat map at an image's (height, width): smooth for the eye, cell by cell for measuring.

    Smoothing moves the maximum of a coarse map to its border, where no map of so few cells can mean to point.
    """
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    image = Image.fromarray(np.asarray(heat, np.float32)).resize((size[1], size[0]), resampling)
    return np.asarray(image).clip(0, 1)
