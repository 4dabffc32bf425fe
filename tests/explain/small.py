"""What the tests of explanation methods share: a small classifier with its autoencoder, and a sample of cases."""

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.base import Maps
from medtransfer.explain.method import Method
from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import mean_maps
from medtransfer.explain.sample import Case, Sample, Shown
from medtransfer.models.build import build, explained_layer
from medtransfer.models.unet import autoencoder
from medtransfer.settings.recipes import Recipe
from tests.conftest import tiny_recipe

SIZE = 32
CLASSES = ("healthy", "ill")


@dataclass(frozen=True)
class Small:
    """A model of which every method can explain a fold."""

    recipe: Recipe
    network: keras.Model
    autoencoder: keras.Model
    layer: str

    def explain(
        self, images: NDArray, classes: NDArray[np.integer], methods: dict[str, Method] | None = None
    ) -> dict[str, Maps]:
        """The maps of one fold, of every method that there is."""
        return mean_maps(Folds([self.network], [self.autoencoder], self.layer), methods or METHODS, images, classes)


def small_model() -> Small:
    """Of the one architecture that has a decoder; from this seed, something speaks for either class."""
    recipe = tiny_recipe("unet_encoder", pooling="flatten")
    network = build(recipe, (SIZE, SIZE, 1), len(CLASSES), seed=4)
    return Small(recipe, network, autoencoder((SIZE, SIZE, 1), seed=5), explained_layer(recipe))


def sample_of(images: NDArray[np.uint8], masks: list[NDArray[np.bool_] | None]) -> Sample:
    """Images of alternating classes, all predicted as `ill`; every one is shown."""
    actual = [CLASSES[number % 2] for number in range(len(images))]
    cases = [Case(*parts, "ill", 0.9, f"g{n}") for n, parts in enumerate(zip(images, masks, actual, strict=True))]
    numbers = list(range(len(images)))
    shown = {"healthy": Shown([], numbers[::2]), "ill": Shown(numbers[1::2], [])}
    return Sample(cases, np.ones(len(images), int), shown)
