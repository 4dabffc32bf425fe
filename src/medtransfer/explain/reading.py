"""What methods read of a model: a feature map or the pixels, and the gradient of each image's logit there."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.gradients import Gradients, gradients
from medtransfer.explain.method import Place
from medtransfer.models.forward import forward

Reading = tuple[NDArray[np.float32], NDArray[np.float32]]  # what stands there and the gradient, both N x h x w x C


@dataclass(frozen=True)
class Folds:
    """A model's folds, and what is to be known to read them."""

    networks: Iterable[keras.Model]  # one graph, with each fold's weights in turn
    autoencoders: Iterable[keras.Model]  # one a fold, or none at all
    layer: str  # whose feature map is read
    frozen: bool = False  # whether the folds share their weights up to that layer
    seed: int = 0  # of what methods draw at random


@dataclass(frozen=True)
class Fold:
    """One of them."""

    network: keras.Model  # from images (N x H x W x C, 0..255) to logits
    autoencoder: keras.Model | None
    seed: int


class Reader:
    """The functions that read a model, compiled once for all its folds and methods.

    The network is cut at the feature map. What comes before is run forward alone, once for all folds where these share
    it; what comes after is small.
    """

    def __init__(self, network: keras.Model, layer: str) -> None:
        maps = network.get_layer(layer).output
        self.feature_map = forward(keras.Model(network.input, maps))
        self.after = _gradients_of_input(keras.Model(maps, network.output))
        self._network = network

    @functools.cached_property
    def whole(self) -> Gradients:
        """The gradient with respect to the pixels."""
        return _gradients_of_input(self._network)


class View:
    """A batch of images and their classes before one fold's network: what is read is read once for all methods."""

    def __init__(self, reader: Reader, images: NDArray, classes: NDArray[np.integer]) -> None:
        self.images, self.classes = images, classes  # N x H x W x C, 0..255; N
        self._reader = reader
        self._feature_map: NDArray[np.float32] | None = None
        self._readings: dict[Place, Reading] = {}

    def read(self, place: Place) -> Reading:
        """What stands there, and the gradient of each image's logit with respect to it."""
        if place not in self._readings:
            if place == "pixels":
                self._readings[place] = self._reader.whole(self.images, self.classes)
            else:
                self._readings[place] = self._reader.after(self.feature_map(), self.classes)
        return self._readings[place]

    def feature_map(self) -> NDArray[np.float32]:
        """The output of the explained layer, N x h x w x C."""
        if self._feature_map is None:
            self._feature_map = self._reader.feature_map(self.images)
        return self._feature_map

    def forget(self, keep_feature_map: bool) -> None:
        """Before the network has another fold's weights; the feature map of a frozen backbone stays as it is."""
        self._readings.clear()
        if not keep_feature_map:
            self._feature_map = None


def _gradients_of_input(network: keras.Model) -> Gradients:
    return gradients(keras.Model(network.input, [network.input, network.output]))
