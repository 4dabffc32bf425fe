"""Transfer on planted data: a source that helps by construction is found to help, and one that cannot help is not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.comparison.effects import AccuracyDifference, accuracy_difference
from medtransfer.comparison.significance import told_apart
from medtransfer.models.predict import predict
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes
from medtransfer.training.folds import Development, ModelTraining, Plan
from tests.conftest import tiny_recipe

pytestmark = pytest.mark.long

SIZE, TRAINED, TESTED = 24, 16, 160
TURNS = np.arange(8) * np.pi / 8
WEIGHTS = {"dataset": "stripes", "model": "cnn"}


def stripes(turns: NDArray, rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    """An image for each turn: stripes of a random phase, under noise."""
    y, x = np.mgrid[:SIZE, :SIZE]
    across = x * np.cos(turns)[:, None, None] + y * np.sin(turns)[:, None, None]
    waves = np.sin(across * 1.3 + rng.uniform(0, 6.28, len(turns))[:, None, None])
    grey = 128 + 40 * waves + rng.normal(0, noise, (len(turns), SIZE, SIZE))
    return np.clip(grey, 0, 255).astype(np.uint8)[..., None]


def recipe(weights: object, trainable: str, epochs: int) -> Recipe:
    content = tiny_recipe("liaqat_cnn", trainable).model_dump(mode="json")
    content["backbone"]["weights"] = weights
    content["training"] |= {"epochs": epochs, "batch_size": 16, "learning_rate": 3e-3}
    return Recipe.model_validate(content)


def train(name: str, chosen: Recipe, images: NDArray, labels: NDArray, test: NDArray) -> NDArray[np.float32]:
    """Logits of the test images; the last images are validated on. A source's network is left where models look."""
    rows, classes = np.arange(len(images)), Classes([str(label) for label in np.unique(labels)], None)
    fold = rows[:-4], rows[-4:]
    features = None
    if chosen.backbone.frozen:
        from medtransfer.models.build import build_backbone

        backbone = build_backbone(chosen.backbone, images.shape[1:], seed=0)
        features, test = (predict(backbone, part, np.arange(len(part)), 64) for part in (images, test))
    training = ModelTraining(Plan(name, chosen, classes, Development(images, features, labels, [fold]), seed=0))
    (result,) = training.folds()
    if not chosen.backbone.source and not chosen.backbone.frozen:
        store.source_model("stripes-cnn").write_networks(0, result.networks)
    return predict(result.networks["fold"], test, np.arange(len(test)), 64)


def difference(source_labels: NDArray, source_images: NDArray, rng: np.random.Generator) -> AccuracyDifference:
    """Accuracy with a frozen network of the source less that of a frozen random one, on a target of two turns."""
    train("source", recipe(None, "all", 6), source_images, source_labels, source_images[:4])
    labels = np.arange(TRAINED + 4 + TESTED) % 2
    images = stripes(TURNS[1 + 2 * labels], rng, noise=60)
    known, test = slice(0, TRAINED + 4), slice(TRAINED + 4, None)
    pretrained, random = (
        train("target", recipe(weights, "none", 30), images[known], labels[known], images[test]).argmax(axis=1)
        == labels[test]
        for weights in (WEIGHTS, None)
    )
    return accuracy_difference(pretrained, random, np.arange(TESTED))


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_source_of_the_same_stripes_is_found_to_help(rng: np.random.Generator) -> None:
    labels = np.arange(320) % len(TURNS)
    comparison = difference(labels, stripes(TURNS[labels], rng, noise=30), rng)
    assert comparison.difference.value > 0.1
    assert told_apart(comparison.difference.low, comparison.difference.high, comparison.p)


def test_a_source_of_noise_alone_is_not_found_to_help(rng: np.random.Generator) -> None:
    noise = rng.integers(0, 256, (320, SIZE, SIZE, 1), np.uint8)
    comparison = difference(np.arange(320) % len(TURNS), noise, rng)
    assert not (
        told_apart(comparison.difference.low, comparison.difference.high, comparison.p)
        and comparison.difference.value > 0
    )
