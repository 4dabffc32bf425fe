"""Grad-CAM against a map worked out by hand."""

import keras
import numpy as np

from medtransfer.explain.grad_cam import GradCAM
from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import mean_maps


def test_map_is_where_the_class_looks() -> None:
    """Two channels that pass the image on, left and right; class 0 counts the one, class 1 the other."""
    image = keras.Input((8, 8, 2))
    maps = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")(image)
    logits = keras.layers.Dense(2, use_bias=False)(keras.layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(image, logits)
    model.set_weights([np.eye(2).reshape(1, 1, 2, 2), np.eye(2)])
    pixels = np.zeros((2, 8, 8, 2))
    pixels[:, :, :4, 0], pixels[:, :, 4:, 1] = 1, 1
    methods = {"grad_cam": METHODS["grad_cam"]}
    left, right = mean_maps(Folds([model], [], "maps"), methods, pixels, np.array([0, 1]))["grad_cam"]["Grad-CAM"]
    assert left[:, :4].min() > 0.9
    assert left[:, 4:].max() < 0.1
    np.testing.assert_allclose(left, right[:, ::-1], atol=1e-6)


def test_class_that_every_place_speaks_against_has_an_empty_map() -> None:
    maps, gradient = np.ones((1, 4, 4, 2), np.float32), -np.ones((1, 4, 4, 2), np.float32)
    assert GradCAM.heat_map(maps, gradient).max() == 0
