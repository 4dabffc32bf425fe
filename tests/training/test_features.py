"""Features of a frozen backbone: the plain image's first, then those of its augmented views."""

import tracemalloc
from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer.models.build import backbone_of, build
from medtransfer.settings.augmentation import Augmentation
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.features import compute_features, feature_shape
from tests.conftest import tiny_recipe

SHAPE = (24, 24, 1)
AUGMENT = build_augmentation(Augmentation(rotation=40, horizontal_flip=True), SHAPE)


@pytest.fixture
def images(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 255, (70, *SHAPE), dtype=np.uint8)


def test_views_are_features_of_augmented_images(images: np.ndarray) -> None:
    backbone = backbone_of(build(tiny_recipe("simple_cnn", "none"), SHAPE, 2, seed=0))
    plain = compute_features(backbone, images, None, 3, seed=0)
    assert plain.shape == feature_shape(backbone, 70, 0) == (70, 64)
    np.testing.assert_allclose(plain, backbone.predict(images, verbose=0), rtol=1e-4, atol=1e-5)
    views = compute_features(backbone, images, AUGMENT, 2, seed=0)
    assert views.shape == feature_shape(backbone, 70, 2) == (70, 3, 64)
    np.testing.assert_array_equal(views[:, 0], plain)
    assert AUGMENT is not None
    changed = np.asarray(AUGMENT(images[66:69], AUGMENT.uniforms(0, 2, np.arange(66, 69))))
    np.testing.assert_allclose(views[66:69, 2], backbone.predict(changed, verbose=0), rtol=1e-4, atol=1e-5)


def test_what_is_given_is_filled(images: np.ndarray) -> None:
    backbone = backbone_of(build(tiny_recipe("simple_cnn", "none"), SHAPE, 2, seed=0))
    out = np.zeros((70, 3, 64), np.float32)
    assert compute_features(backbone, images, AUGMENT, 2, seed=0, out=out) is out
    np.testing.assert_array_equal(out, compute_features(backbone, images, AUGMENT, 2, seed=0))


def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    """Images and features lie in memory maps, which tracemalloc does not count; the network has no weights."""
    network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])

    def peak(count: int) -> int:
        images = np.lib.format.open_memmap(tmp_path / f"{count}.npy", "w+", np.uint8, (count, 8, 8, 1))
        features = np.lib.format.open_memmap(tmp_path / f"{count}-out.npy", "w+", np.float32, (count, 64))
        tracemalloc.start()
        compute_features(network, images, None, 0, seed=0, out=features)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(512), peak(8_192)
    assert many - few < 8_192 * 64  # the bytes of the images alone: their features have four times as many
