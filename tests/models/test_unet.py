"""The UNet autoencoder: its two sides, and the exchange of its encoder."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer.models.build import build
from medtransfer.models.cnns import DOWN_FILTERS
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.models.unet import autoencoder, one_side, with_encoder
from medtransfer.settings.errors import UserError
from tests.conftest import tiny_recipe
from tests.eager import eager

SIZE = 32


@pytest.fixture(scope="module", autouse=True)
def _eager() -> Iterator[None]:
    """No graph is made for a single step or answer."""
    with eager():
        yield


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    model = autoencoder((SIZE, SIZE, 3), seed=0)
    model.compile("adam", "mse")
    images = np.random.default_rng(0).integers(0, 255, (4, SIZE, SIZE, 3))
    for _ in range(2):
        model.train_on_batch(images, images / 255)
    return model


def same(one: keras.Model, other: keras.Model, layer: str, other_layer: str | None = None) -> bool:
    pairs = zip(one.get_layer(layer).get_weights(), other.get_layer(other_layer or layer).get_weights(), strict=True)
    return all((a == b).all() for a, b in pairs)


def side(model: keras.Model, *beginnings: str) -> list[str]:
    return [layer.name for layer in model.layers if layer.weights and layer.name.startswith(beginnings)]


@pytest.mark.parametrize("channels", [1, 3])
def test_gives_back_an_image_in_0_to_1(channels: int, rng: np.random.Generator) -> None:
    model = autoencoder((48, 48, channels), seed=0)
    images = rng.integers(0, 255, (2, 48, 48, channels), dtype=np.uint8)
    again = np.asarray(model(images, training=False))
    assert again.shape == images.shape
    assert 0 <= again.min() < again.max() <= 1
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)


def test_an_image_is_made_smaller_first_and_both_sides_too(rng: np.random.Generator) -> None:
    model = autoencoder((48, 48, 1), seed=0, size=32)
    images = rng.integers(0, 255, (2, 48, 48, 1), dtype=np.uint8)
    assert model(images, training=False).shape == (2, 32, 32, 1)
    assert one_side(model, "left", seed=0)(images, training=False).shape == (2, 32, 32, 1)


def test_right_side_is_one_channel_and_never_trained(trained: keras.Model) -> None:
    location = trained.get_layer("location")
    assert location.output.shape[1:] == (SIZE, SIZE, 1)
    assert not location.trainable_variables
    fresh = autoencoder((SIZE, SIZE, 3), seed=0)
    assert same(fresh, trained, "location")
    assert not any(same(fresh, trained, name) for name in side(trained, "down", "up", "output"))


def test_dropout_is_after_each_layer_of_the_decoder_and_its_sides_have_none() -> None:
    model = autoencoder((SIZE, SIZE, 1), seed=0, dropout=0.3)
    rates = {layer.name: layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)}
    assert rates == {f"up_{number}_dropout": 0.3 for number in (4, 3, 2, 1)}
    images = np.full((2, SIZE, SIZE, 1), 99.0)
    assert (np.asarray(model(images, training=True)) != np.asarray(model(images, training=True))).any()
    joined = with_encoder(model, build(tiny_recipe("unet_encoder"), (SIZE, SIZE, 1), 2, seed=5))
    for other in (one_side(model, "left", seed=1), joined):
        assert all(same(model, other, name) for name in side(model, "up", "output"))


def test_registry_knows_how_often_the_encoder_halves_its_images() -> None:
    assert ARCHITECTURES["unet_encoder"].halvings == len(DOWN_FILTERS)


def test_same_seed_same_weights() -> None:
    one, two, other = (autoencoder((SIZE, SIZE, 1), seed=seed).get_weights() for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(one, two, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_one_side_keeps_its_weights_and_draws_the_other(trained: keras.Model) -> None:
    left, right = one_side(trained, "left", seed=7), one_side(trained, "right", seed=7)
    convolutions = [name for name in side(trained, "down", "up") if name.endswith("conv")]
    assert len(convolutions) == 8
    assert all(same(trained, left, name) for name in side(trained, "down", "up", "output"))
    assert not same(trained, left, "location", "rand_location")
    assert all(same(trained, right, name) for name in ("location", "output"))
    assert not any(same(trained, right, name, f"rand_{name}") for name in convolutions)
    assert not left.get_layer("rand_location").trainable_variables


def test_classifiers_encoder_meets_the_autoencoders_decoder(trained: keras.Model, rng: np.random.Generator) -> None:
    classifier = build(tiny_recipe("unet_encoder", pooling="flatten"), (SIZE, SIZE, 3), 3, seed=9)
    before = trained.get_weights()
    joined = with_encoder(trained, classifier)
    assert all(same(joined, classifier, name) for name in side(joined, "down"))
    assert all(same(joined, trained, name) for name in side(joined, "up", "location", "output"))
    assert all((a == b).all() for a, b in zip(before, trained.get_weights(), strict=True))
    images = rng.integers(0, 255, (2, SIZE, SIZE, 3), dtype=np.uint8)
    latent = [
        keras.Model(model.input, model.get_layer("down_4_relu").output)(images, training=False)
        for model in (joined, classifier, trained)
    ]
    np.testing.assert_allclose(latent[0], latent[1], atol=1e-6)
    assert not np.allclose(latent[0], latent[2])


def test_saved_and_loaded_by_keras_alone(trained: keras.Model, rng: np.random.Generator, tmp_path: Path) -> None:
    images = rng.integers(0, 255, (2, SIZE, SIZE, 3), dtype=np.uint8)
    for model in (trained, one_side(trained, "left", seed=1)):
        model.save(tmp_path / "unet.keras")
        again = keras.saving.load_model(tmp_path / "unet.keras")
        np.testing.assert_allclose(again(images, training=False), model(images, training=False), atol=1e-6)
        location = next(layer for layer in again.layers if layer.name.endswith("location"))
        assert not location.trainable_variables


def test_what_does_not_fit_is_refused(trained: keras.Model) -> None:
    for other in (
        build(tiny_recipe("simple_cnn"), (SIZE, SIZE, 3), 3, seed=0),
        build(tiny_recipe("unet_encoder"), (SIZE, SIZE, 1), 3, seed=0),
    ):
        with pytest.raises(UserError, match=r"fits an encoder of architecture unet_encoder .* has another down_1_conv"):
            with_encoder(trained, other)
