"""A network's outputs by one graph: the same as Keras's own, for batches of any size."""

import gc
import weakref

import keras
import numpy as np
import pytest

from medtransfer.models.build import build
from medtransfer.models.forward import forward
from medtransfer.settings.recipes import Recipe
from tests.conftest import tiny_recipe

SHAPE = (16, 16, 1)


@pytest.fixture
def network() -> keras.Model:
    return build(tiny_recipe("simple_cnn"), SHAPE, 2, seed=0)


NETWORKS: dict[str, Recipe] = {
    "convolutions": tiny_recipe("simple_cnn"),
    "batch normalisation": tiny_recipe("small_cnn"),
    "half precision": tiny_recipe("simple_cnn", precision="mixed_bfloat16"),
}


@pytest.fixture
def images(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (8, *SHAPE), dtype=np.uint8)


@pytest.mark.parametrize("kind", NETWORKS)
def test_outputs_are_those_of_keras_to_the_bit(kind: str, images: np.ndarray) -> None:
    network = build(NETWORKS[kind], SHAPE, 2, seed=0)
    for size in (8, 3, 1):
        expected = network.predict_on_batch(images[:size])
        np.testing.assert_array_equal(forward(network)(images[:size]), expected)


def test_any_number_of_images_and_any_weights_need_one_graph(network: keras.Model, images: np.ndarray) -> None:
    calls, call = [], network.call

    def counted(*arguments: object, **options: object) -> object:
        calls.append(1)
        return call(*arguments, **options)

    network.call = counted
    first = forward(network)(images)
    network.set_weights([weights + 1 for weights in network.get_weights()])
    for size in (5, 8, 1):
        assert forward(network)(images[:size]).shape == (size, 2)
    assert len(calls) == 1
    assert (first != forward(network)(images)).any()


def test_graph_goes_with_its_network(images: np.ndarray) -> None:
    network = build(tiny_recipe("simple_cnn"), SHAPE, 2, seed=0)
    forward(network)(images)
    gone = weakref.ref(network)
    del network
    keras.utils.clear_session()
    gc.collect()
    assert gone() is None
