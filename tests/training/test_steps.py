"""Many steps a call are the same steps: against Keras's own loop, from memory and from a memory map."""

from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer.models.build import build, head_of
from medtransfer.settings.recipes import Backbone, Training
from medtransfer.training import epochs
from medtransfer.training.compiled import compile_classifier
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from tests.conftest import tiny_recipe

pytestmark = pytest.mark.long

COUNT = 203  # of which the last batch of an epoch is a smaller one
TRAINING = Training.model_validate(
    {
        "optimizer": "sgd", "momentum": 0.9, "learning_rate": 1e-2, "epochs": 2, "batch_size": 16,
        "schedule": "cosine", "class_weights": "balanced",
    }
)  # fmt: skip
PLAIN, AUGMENTED = (
    tiny_recipe("simple_cnn", augmentation=augmentation).backbone
    for augmentation in ({}, {"rotation": 20, "horizontal_flip": True})
)
SHAPE = (24, 24, 1)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return (np.random.default_rng(1).random(COUNT) < 0.4).astype(int)


@pytest.fixture(scope="module")
def features(labels: np.ndarray) -> np.ndarray:
    """Two classes that mostly differ."""
    noise = np.random.default_rng(2).normal(size=(COUNT, 64))
    return (noise + 0.4 * labels[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def images(labels: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(3).integers(0, 150, (COUNT, *SHAPE))
    return (noise + 60 * labels[:, None, None, None]).astype(np.uint8)


def fold(number: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(0).permutation(COUNT)
    return np.sort(rows[number + 41 :]), np.sort(rows[: number + 41])


def trained(inputs: np.ndarray, labels: np.ndarray, backbone: Backbone, ordinary: bool) -> tuple[TrainedFold, list]:
    network = build(tiny_recipe("simple_cnn"), SHAPE, 2, seed=0)
    network = network if inputs.ndim == 4 else head_of(network)
    compiled = compile_classifier(network, TRAINING, backbone, ordinary=ordinary)
    result = train_fold(compiled, Data(inputs, labels, *fold(0)), Run(0, "test"))
    return result, network.get_weights()


@pytest.mark.parametrize("kind", ["features", "images", "augmented images"])
def test_same_training_as_the_ordinary_loop(
    kind: str, features: np.ndarray, images: np.ndarray, labels: np.ndarray
) -> None:
    inputs = features if kind == "features" else images
    backbone = AUGMENTED if kind.startswith("augmented") else PLAIN
    (one, one_weights), (two, two_weights) = (trained(inputs, labels, backbone, way) for way in (False, True))
    np.testing.assert_allclose(one.history.to_numpy(), two.history.to_numpy(), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(one.outputs, two.outputs, rtol=1e-3, atol=1e-3)
    for a, b in zip(one_weights, two_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    assert one.history["loss"].iloc[-1] < one.history["loss"].iloc[0]


def test_streamed_from_a_memory_map_is_the_same_bits(
    images: np.ndarray, labels: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is small enough to lie on the device, and three batches of the images are sent at a time."""
    resident, others = trained(images, labels, AUGMENTED, False)
    np.save(tmp_path / "images.npy", images)
    monkeypatch.setattr(epochs, "RESIDENT", 0)
    monkeypatch.setattr(epochs, "STREAMED", 3 * 16 * 24 * 24)
    streamed, weights = trained(np.load(tmp_path / "images.npy", mmap_mode="r"), labels, AUGMENTED, False)
    assert streamed.history.equals(resident.history)
    assert all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))


def test_one_graph_serves_all_folds_whatever_their_size(
    features: np.ndarray, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced = []
    step = keras.Model.train_step

    def train_step(model: keras.Model, data: tuple) -> dict:
        traced.append(data)
        return step(model, data)

    monkeypatch.setattr(keras.Model, "train_step", train_step)
    network = head_of(build(tiny_recipe("simple_cnn"), SHAPE, 2, seed=0))
    compiled = compile_classifier(network, TRAINING)
    for number in range(3):
        train_fold(compiled, Data(features, labels, *fold(number)), Run(number, "test"))
    assert len(traced) == 1
