"""Every recipe of the catalogue trains, and its network is saved and loaded in a new process, on tiny images.

A small network stands in for each architecture: that every architecture is built, saved and explained is shown by
models/test_architectures.py. What is tried here is each head, optimizer, loss, schedule, augmentation and phase.
Recipes that only join what others have are tried by `make slow`.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import keras
import numpy as np
import pytest

from medtransfer.models.build import build
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.settings.load import load
from medtransfer.settings.recipes import Backbone, Recipe
from medtransfer.training.compiled import Task, compile_classifier
from medtransfer.training.fit import Data, Run, train_fold
from medtransfer.training.pretraining import start_of
from tests.conftest import ROOT
from tests.eager import eager
from tests.stranger import Stranger

pytestmark = pytest.mark.long

SIZE, COUNT = 48, 4


def light(recipe: Recipe) -> Backbone:
    """The backbone with a small network and random weights; pretraining, or a layer's name, keep their own network."""
    backbone = recipe.backbone
    cuts = {backbone.trainable, *(phase.trainable for phase in recipe.training.phases)}
    named = any(isinstance(cut, str) for cut in cuts - {"all", "none"})
    architecture = backbone.architecture if named or recipe.pretraining else "simple_cnn"
    of_others = dict.fromkeys(("weights", "image_size", "alpha", "batch_norm_momentum"))
    return backbone.model_copy(update={"architecture": architecture, **of_others})


def tiny(recipe: Recipe) -> Recipe:
    """The recipe with a small network, one epoch each phase at one rate, and a head of at most 64 units a layer."""
    short = {"epochs": 1, "learning_rate": 1e-3}
    phases = tuple(phase.model_copy(update=short) for phase in recipe.training.phases)
    training = recipe.training.model_copy(update=short | {"batch_size": COUNT, "phases": phases})
    head = recipe.head.model_copy(update={"dense": tuple(min(units, 64) for units in recipe.head.dense)})
    pretraining = recipe.pretraining and recipe.pretraining.model_copy(update=short | {"batch_size": COUNT})
    changed = {"backbone": light(recipe), "training": training, "head": head, "pretraining": pretraining}
    return recipe.model_copy(update=changed)


def parts(recipe: Recipe) -> set[str]:
    """Each value of each of its keys."""
    content = recipe.model_dump(mode="json")
    sections = {key: value if isinstance(value, dict) else {"": value} for key, value in content.items()}
    return {f"{section} {key} {value}" for section, values in sections.items() for key, value in values.items()}


def chosen(recipes: dict[str, Recipe]) -> Iterator[tuple[str, bool]]:
    """Those that differ from each other, and whether one has a part that none before it has."""
    tried: set[str] = set()
    for name in sorted({recipe.model_dump_json(): name for name, recipe in recipes.items()}.values()):
        yield name, not parts(recipes[name]) <= tried
        tried |= parts(recipes[name])


SETTINGS = load(ROOT)
RECIPES = dict(chosen({name: tiny(recipe) for name, recipe in reversed(SETTINGS.recipes.items())}))
# A recipe of each optimizer trains by a graph, the others step by step, which is quicker for so few.
GRAPHS = {SETTINGS.recipe(name).training.optimizer: name for name, new in RECIPES.items() if new}


@pytest.fixture(scope="module")
def opened() -> set[str]:
    """The layers of the networks that were loaded: a saved one holds no more, whatever the recipe trains it with."""
    return set()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (not new)) for name, new in RECIPES.items()]
)
def test_recipe_trains_and_is_loaded_by_keras_alone(
    name: str, rng: np.random.Generator, stranger: Stranger, opened: set[str]
) -> None:
    with nullcontext() if name in GRAPHS.values() else eager():
        _train_and_load(name, rng, stranger, opened)


def _train_and_load(name: str, rng: np.random.Generator, stranger: Stranger, opened: set[str]) -> None:
    recipe = tiny(SETTINGS.recipe(name))
    size = max(SIZE, ARCHITECTURES[recipe.backbone.architecture].minimum_size)
    images = rng.integers(0, 255, (COUNT, size, size, 1), dtype=np.uint8)
    network = build(recipe, images.shape[1:], 2, seed=0)
    before = [weights.copy() for weights in network.get_weights()]
    compiled = compile_classifier(network, recipe.training, recipe.backbone, Task(healthy=0))
    labels, rows = np.array([0, 1, 0, 1]), np.arange(COUNT)
    data, run = Data(images, labels, rows, rows), Run(0, name)
    start = start_of(recipe, images.shape[1:], 0)(compiled, data, run)
    trained = train_fold(replace(compiled, values=start.values), data, run)
    assert np.isfinite(trained.outputs).all()
    assert any((a != b).any() for a, b in zip(before, network.get_weights(), strict=True))
    if network.to_json() not in opened:
        np.testing.assert_allclose(stranger.answers(network, images), trained.outputs, rtol=1e-3, atol=1e-3)
        opened.add(network.to_json())
    keras.utils.clear_session()
