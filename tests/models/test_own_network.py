"""A network of one's own is one decorated function: nothing else is edited."""

import subprocess
import sys
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import mean_maps
from medtransfer.models.architecture import network
from medtransfer.models.build import build, explained_layer
from medtransfer.models.registry import ARCHITECTURES, check
from medtransfer.settings.errors import UserError
from medtransfer.training.compiled import compile_classifier
from medtransfer.training.fit import Data, Run, train_fold
from tests.conftest import ROOT, tiny_recipe


@pytest.fixture
def registered() -> Iterator[str]:
    """The name of a network that is defined here."""

    @network(explained_layer="last_map", minimum_size=20)
    def two_convolutions(images: keras.KerasTensor) -> keras.KerasTensor:
        x = keras.layers.Conv2D(4, 3, activation="relu")(images)
        x = keras.layers.Conv2D(8, 3, strides=2, activation="relu", name="last_map")(x)
        return keras.layers.MaxPooling2D()(x)

    yield two_convolutions.__name__
    del ARCHITECTURES[two_convolutions.__name__]


def test_decorated_function_is_checked_built_trained_and_explained(registered: str, rng: np.random.Generator) -> None:
    recipe = tiny_recipe(registered)
    check("mine", recipe, image_size=24)
    with pytest.raises(UserError, match="two_convolutions needs images of 20 pixels"):
        check("mine", recipe, image_size=16)
    with pytest.raises(UserError, match="two_convolutions has no ImageNet weights"):
        check("mine", tiny_recipe(registered, weights="imagenet"), image_size=24)
    images, labels = rng.integers(0, 255, (8, 24, 24, 1), dtype=np.uint8), np.arange(8) % 2
    model = build(recipe, (24, 24, 1), 2, seed=0)
    before = model.get_layer("last_map").get_weights()
    compiled = compile_classifier(model, recipe.training, recipe.backbone)
    train_fold(compiled, Data(images, labels, np.arange(4, 8), np.arange(4)), Run(0, "mine"))
    assert (model.get_layer("last_map").get_weights()[0] != before[0]).any()
    folds, methods = Folds([model], [], explained_layer(recipe)), {"grad_cam": METHODS["grad_cam"]}
    [saliency] = mean_maps(folds, methods, images, labels)["grad_cam"].values()
    assert saliency.shape == (8, 10, 10)


def test_registry_is_imported_without_keras() -> None:
    """`check` reads it first, and Keras takes seconds to import."""
    program = "import sys, medtransfer.models.registry; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT / "src").returncode == 0
