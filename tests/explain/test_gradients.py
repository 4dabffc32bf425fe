"""Gradients against finite differences."""

import keras
import numpy as np

from medtransfer.explain.gradients import gradients


def test_gradient_is_the_slope_of_the_chosen_logit(rng: np.random.Generator) -> None:
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 6, 1))
    maps = keras.layers.Conv2D(2, 3, activation="tanh")(image)
    tail_input = keras.Input(maps.shape[1:])
    dense = keras.layers.Dense(3)
    tail = keras.Model(tail_input, dense(keras.layers.Flatten()(keras.ops.tanh(tail_input))))
    network = keras.Model(image, [maps, tail(maps)])
    images, classes = rng.random((2, 6, 6, 1)).astype(np.float32), np.array([2, 0])
    activations, derivatives = gradients(network)(images, classes)
    assert derivatives.shape == activations.shape == (2, 4, 4, 2)
    step = 1e-2
    for place in [(0, 0, 0, 0), (0, 3, 1, 1), (1, 2, 2, 0)]:
        up, down = activations.copy(), activations.copy()
        up[place] += step
        down[place] -= step
        slope = (tail.predict(up, verbose=0) - tail.predict(down, verbose=0))[place[0], classes[place[0]]] / (2 * step)
        np.testing.assert_allclose(derivatives[place], slope, rtol=2e-2, atol=1e-4)
