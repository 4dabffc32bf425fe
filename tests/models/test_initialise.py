"""Random weights are as the recipe says, whatever layers a network has."""

import keras
import numpy as np
import pytest

from medtransfer.models.build import build_backbone
from medtransfer.models.initialise import KERNELS, initialise, made_images
from tests.conftest import tiny_recipe

SHAPE = (16, 16, 2)
SEED = 3


@pytest.fixture
def network() -> keras.Model:
    """A layer of each kind, with activations, a skip connection and a gate."""
    keras.utils.set_random_seed(0)
    images = keras.Input(SHAPE)
    x = start = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(images)
    x = keras.layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x)
    x = keras.layers.BatchNormalization()(keras.layers.SeparableConv2D(8, 3, padding="same")(x))
    x = keras.layers.Add()([start, x])
    gate = keras.layers.Conv2D(8, 1, activation="sigmoid")(x)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Multiply()([x, gate]))
    return keras.Model(images, keras.layers.Dense(64, activation="gelu")(x))


def kernel_layers(network: keras.Model) -> list[keras.Layer]:
    return [layer for layer in network.layers if isinstance(layer, KERNELS)]


def test_lsuv_gives_every_layer_unit_deviation_before_its_activation(network: keras.Model) -> None:
    initialise(network, "lsuv", SEED)
    images = made_images(SHAPE, SEED)
    for layer in kernel_layers(network):
        given = keras.Model(network.input, layer.input)(images, training=False)
        linear = layer.__class__.from_config(layer.get_config() | {"activation": "linear"})
        linear.build(given.shape)
        linear.set_weights(layer.get_weights())
        assert np.asarray(linear(given)).std() == pytest.approx(1, rel=1e-2), layer.name


def test_lsuv_scales_kernels_and_changes_nothing_else(network: keras.Model) -> None:
    before = network.get_weights()
    activations = [layer.activation for layer in kernel_layers(network)]
    initialise(network, "lsuv", SEED)
    for old, new in zip(before, network.get_weights(), strict=True):
        scaled = new * (np.abs(old).sum() / np.abs(new).sum()) if np.abs(new).sum() else new
        np.testing.assert_allclose(scaled, old, rtol=1e-4, atol=1e-7)
    assert [layer.activation for layer in kernel_layers(network)] == activations
    assert not any("call" in vars(layer) for layer in network.layers), "the next call would scale again"


def test_he_has_a_variance_of_two_by_fan_in(network: keras.Model) -> None:
    initialise(network, "he", SEED)
    fans = {"kernel": 0, "pointwise_kernel": 0, "depthwise_kernel": 0}
    drawn = []
    for layer in kernel_layers(network):
        for weight in layer.weights:
            values = np.asarray(weight)
            if weight.name == "bias":
                assert not values.any()
                continue
            depthwise = values.shape[-1] == 1  # one kernel a channel: it reads its window alone
            fan_in = values[..., 0, 0].size if depthwise else values[..., 0].size
            drawn.append(values.ravel() / np.sqrt(2 / fan_in))
            fans[weight.name] += 1
    assert all(fans.values())
    standard = np.concatenate(drawn)
    assert standard.std() == pytest.approx(1, abs=4 / np.sqrt(2 * len(standard)))
    assert standard.mean() == pytest.approx(0, abs=4 / np.sqrt(len(standard)))


def test_keras_own_weights_stay(network: keras.Model) -> None:
    before = network.get_weights()
    initialise(network, "keras", SEED)
    assert all((old == new).all() for old, new in zip(before, network.get_weights(), strict=True))


def test_default_is_keras_own_where_trained_and_lsuv_where_frozen() -> None:
    def kernel(trainable: str, **key: str) -> np.ndarray:
        model = build_backbone(tiny_recipe("simple_cnn", trainable, **key).backbone, (24, 24, 1), seed=0)
        return np.asarray(model.get_layer("convolution_3").kernel)

    own = kernel("all", initialisation="keras")
    np.testing.assert_array_equal(kernel("all"), own)
    np.testing.assert_array_equal(kernel("none", initialisation="keras"), own)
    scale = kernel("none") / own
    assert np.ptp(scale) == pytest.approx(0, abs=1e-4)
    assert abs(scale.mean() - 1) > 0.1
    assert np.corrcoef(kernel("all", initialisation="he").ravel(), own.ravel())[0, 1] < 0.1
