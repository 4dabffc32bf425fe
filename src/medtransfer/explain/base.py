"""What explanation methods share: a method is a small class that turns maps and gradients into heat."""

from abc import ABC, abstractmethod

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medtransfer.models.backend import gradients

BATCH = 32  # images explained at a time


class Explanation(ABC):
    """Heat maps of a model's logit, from one feature map and the gradient with respect to it.

    Bound to a model and the layer whose feature map it reads; new weights may be loaded into the model at any time.
    """

    name: str

    def __init__(self, model: keras.Model, layer: str) -> None:
        self._gradients = gradients(keras.Model(model.input, [model.get_layer(layer).output, model.output]))

    @abstractmethod
    def heat(self, maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """Heat (N x h x w, at least 0) from a feature map and its gradient (both N x h x w x C)."""

    def explain(self, images: NDArray, classes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Heat maps (N x H x W, each scaled to 0..1) of one class's logit an image.

        An image on which the method finds nothing stays all zero.
        """
        size = images.shape[2], images.shape[1]
        heat: list[NDArray[np.float32]] = []
        for start in range(0, len(images), BATCH):
            part = slice(start, start + BATCH)
            maps, gradient = self._gradients(images[part], classes[part])
            heat.extend(_resized(image, size) for image in self.heat(maps, gradient))
        return np.stack(heat)


def _resized(heat: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Heat at the image's size, smoothly enlarged and scaled to 0..1."""
    enlarged = np.asarray(Image.fromarray(heat).resize(size, Image.Resampling.BICUBIC)).clip(0)
    peak = enlarged.max()
    return enlarged / peak if peak > 0 else enlarged
