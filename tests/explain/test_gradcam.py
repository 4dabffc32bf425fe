"""Grad-CAM against a map worked out by hand. That it explains every architecture: models/test_architectures.py."""

import keras
import numpy as np

from medtransfer.explain.gradcam import GradCAM
from medtransfer.models.build import build, explained_layer
from tests.conftest import tiny_recipe


def test_heat_is_where_the_class_looks() -> None:
    """Two channels that pass the image on, left and right; class 0 counts the one, class 1 the other."""
    image = keras.Input((8, 8, 2))
    maps = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")(image)
    logits = keras.layers.Dense(2, use_bias=False)(keras.layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(image, logits)
    model.set_weights([np.eye(2).reshape(1, 1, 2, 2), np.eye(2)])
    pixels = np.zeros((1, 8, 8, 2))
    pixels[:, :, :4, 0], pixels[:, :, 4:, 1] = 1, 1
    method = GradCAM(model, "maps")
    left, right = (method.explain(pixels, np.array([label]))[0] for label in (0, 1))
    assert left[:, :4].min() > 0.9
    assert left[:, 4:].max() < 0.1
    np.testing.assert_allclose(left, right[:, ::-1], atol=1e-6)


def test_class_that_nothing_speaks_for_has_no_heat() -> None:
    maps, gradient = np.ones((1, 4, 4, 2), np.float32), -np.ones((1, 4, 4, 2), np.float32)
    assert GradCAM.heat(None, maps, gradient).max() == 0  # type: ignore[arg-type]


def test_new_weights_change_the_explanation(rng: np.random.Generator) -> None:
    recipe = tiny_recipe("simple_cnn")
    model = build(recipe, (24, 24, 1), 2, seed=0)
    images = rng.integers(0, 255, (2, 24, 24, 1), dtype=np.uint8)
    method = GradCAM(model, explained_layer(recipe))
    before = method.explain(images, np.array([0, 1]))
    model.set_weights(build(recipe, (24, 24, 1), 2, seed=5).get_weights())
    assert not np.allclose(before, method.explain(images, np.array([0, 1])))
