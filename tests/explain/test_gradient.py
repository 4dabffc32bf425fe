"""Gradient saliency against finite differences."""

import keras
import numpy as np

from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import mean_maps
from medtransfer.models.build import build, explained_layer
from tests.conftest import tiny_recipe


def saliency(model: keras.Model, layer: str, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The method's maps of a model with one fold."""
    result = mean_maps(Folds([model], [], layer), {"gradient": METHODS["gradient"]}, images, classes)
    return result["gradient"][METHODS["gradient"].title]


def test_saliency_is_how_much_a_logit_changes_with_a_pixel(rng: np.random.Generator) -> None:
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 6, 2))
    x = keras.layers.Conv2D(2, 3, activation="tanh", name="maps")(image)
    model = keras.Model(image, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    images, classes = rng.random((2, 6, 6, 2)).astype(np.float32), np.array([2, 0])
    result = saliency(model, "maps", images, classes)
    assert result.shape == (2, 6, 6)

    def slope(number: int, row: int, column: int, channel: int) -> float:
        change = np.zeros_like(images)
        change[number, row, column, channel] = 1e-2
        difference = np.asarray(model(images + change)) - np.asarray(model(images - change))
        return float(difference[number, classes[number]] / 2e-2)

    places = [(0, 0), (2, 3), (5, 1), (4, 4)]
    for number in (0, 1):
        slopes = [max(abs(slope(number, *place, channel)) for channel in (0, 1)) for place in places]
        maps = [result[(number, *place)] for place in places]
        np.testing.assert_allclose(np.divide(maps, maps[0]), np.divide(slopes, slopes[0]), rtol=3e-2)


def test_it_looks_through_what_the_network_does_to_prepare_images(rng: np.random.Generator) -> None:
    recipe = tiny_recipe("simple_cnn", image_size=32)
    model = build(recipe, (48, 48, 1), 2, seed=0)
    images = rng.integers(0, 255, (2, 48, 48, 1), dtype=np.uint8)
    result = saliency(model, explained_layer(recipe), images, np.array([0, 1]))
    assert result.shape == (2, 48, 48)
    assert result.max(axis=(1, 2)).tolist() == [1, 1]
