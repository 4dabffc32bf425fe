"""Every recipe of every study builds, trains a step, saves, loads in a new process and explains itself, on tiny images.

ImageNet weights are left out here: none but one small network's can be had without the internet.
"""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer import artefacts
from medtransfer.config import load
from medtransfer.explain.gradcam import GradCAM
from medtransfer.models import registry
from medtransfer.models.build import build, explained_layer
from medtransfer.schema.models import Recipe
from medtransfer.training.fit import compile_network, train_fold
from tests.conftest import ROOT

SETTINGS = load(ROOT)
SIZE, COUNT = 64, 4
LOADING = """
import pathlib, sys, keras, numpy
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    images = numpy.load(path.with_suffix(".images.npy"))
    answers = keras.saving.load_model(path, compile=False).predict(images, verbose=0)
    numpy.save(path.with_suffix(".answers.npy"), answers)
    keras.utils.clear_session()
"""


def tiny(recipe: Recipe) -> tuple[Recipe, int]:
    """The recipe for images of the least size that it takes, from random weights, its phases an epoch each."""
    smallest = max(SIZE, registry.ARCHITECTURES[recipe.backbone.architecture].minimum_size)
    backbone = recipe.backbone.model_copy(update={"weights": None, "image_size": None})
    phases = tuple(phase.model_copy(update={"epochs": 1}) for phase in recipe.training.phases)
    training = recipe.training.model_copy(update={"epochs": 1, "batch_size": COUNT, "phases": phases})
    return recipe.model_copy(update={"backbone": backbone, "training": training}), smallest


@pytest.mark.parametrize("name", SETTINGS.recipes)
def test_recipe_builds_trains_saves_loads_and_explains(name: str, rng: np.random.Generator, tmp_path: Path) -> None:
    recipe, size = tiny(SETTINGS.recipe(name))
    images = rng.integers(0, 255, (COUNT, size, size, 1), dtype=np.uint8)
    network = build(recipe, images.shape[1:], 2, seed=0)
    before = [weights.copy() for weights in network.get_weights()]
    start = compile_network(network, recipe.training, recipe.backbone, healthy=0)
    labels, rows = np.array([0, 1, 0, 1]), np.arange(COUNT)
    trained = train_fold(network, start, images, labels, rows, rows, recipe.training, 0, name)
    assert np.isfinite(trained.validation_logits).all()
    assert any((a != b).any() for a, b in zip(before, network.get_weights(), strict=True))
    artefacts.write_model(tmp_path / f"{name}.keras", network)
    np.save(tmp_path / f"{name}.images.npy", images)
    subprocess.run([sys.executable, "-c", LOADING, str(tmp_path)], check=True, capture_output=True, cwd=tmp_path)
    answers = np.load(tmp_path / f"{name}.answers.npy")
    np.testing.assert_allclose(answers, network.predict(images, verbose=0), rtol=1e-4, atol=1e-4)
    heat = GradCAM(network, explained_layer(recipe)).explain(images, labels)
    assert np.isfinite(heat).all()
    assert heat.shape[0] == COUNT
    keras.utils.clear_session()
