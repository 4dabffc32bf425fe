"""The record of an architecture, and the decorator that registers a network of your own; neither imports Keras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras

    # From images in 0..1 (N x H x W x C) to a feature map (N x h x w x filters).
    Network = Callable[[keras.KerasTensor], keras.KerasTensor]

Preprocessing = Literal["caffe", "tf", "torch", "inside", "none"]


@dataclass(frozen=True)
class Architecture:
    """What is needed to build an architecture, to feed it and to explain it.

    `preprocessing` is what its ImageNet weights expect, as Keras names it: blue, green, red less their mean (caffe),
    -1..1 (tf), 0..1 less the mean and divided by the standard deviation (torch); inside: 0..255, since the network
    has layers of its own for the rest; none: 0..1, for networks that have no ImageNet weights.
    """

    constructor: str  # in keras.applications; of a network of this project, its function's name
    preprocessing: Preprocessing
    explained_layer: str  # its last feature map, height x width x channels, after its activation
    minimum_size: int  # pixels a side
    widths: tuple[float, ...] = ()  # the multipliers alpha that have ImageNet weights; (): it takes none
    imagenet: bool = True  # whether Keras has ImageNet weights of it
    channels: int | None = 3  # what it takes; None: as many as the images have
    halvings: int = 0  # of an encoder that has a decoder (models/unet.py): how often it halves its images; 0: has none
    network: Network | None = None  # of a network of this project: the function that builds it


ARCHITECTURES: dict[str, Architecture] = {}  # by the name that recipes use; models/registry.py adds those of Keras


def network(explained_layer: str, minimum_size: int, halvings: int = 0) -> Callable[[Network], Network]:
    """Make a function a network that recipes can name by the function's name.

        @network(explained_layer="last_map", minimum_size=32)
        def my_network(images):
            from keras import layers
            x = layers.Conv2D(16, 3, activation="relu", name="last_map")(images)
            return layers.MaxPooling2D()(x)

    The function takes images in 0..1 (N x H x W x C) and returns a feature map (N x h x w x filters); dense layers are
    the recipe's head. `explained_layer` is the layer whose feature map explanations read, `minimum_size` the fewest
    pixels a side that the network can take. Keras is imported within the function, so that the configuration is
    checked without it.
    """

    def register(function: Network) -> Network:
        ARCHITECTURES[function.__name__] = Architecture(
            function.__name__, "none", explained_layer, minimum_size, imagenet=False, channels=None,
            halvings=halvings, network=function,
        )  # fmt: skip
        return function

    return register
