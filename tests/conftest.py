"""Shared by all tests: where the project is, and a small phantom to work on."""

from pathlib import Path

import hypothesis
import numpy as np
import pytest

from medtransfer.settings.recipes import Recipe

ROOT = Path(__file__).resolve().parents[1]
# How long an example takes says something of the machine that day, and nothing of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pipeline's tests first: they take longest, and what is left for the end should be short."""
    items.sort(key=lambda item: item.get_closest_marker("pipeline") is None)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(0)


def tiny_recipe(architecture: str, trainable: str = "all", **backbone: object) -> Recipe:
    """A recipe of any architecture that builds and trains in seconds."""
    return Recipe.model_validate(
        {
            "backbone": {"architecture": architecture, "weights": None, "trainable": trainable, "pooling": "average"}
            | backbone,
            "head": {"normalise_features": True, "dense": [8], "dropout": 0.2},
            "training": {"optimizer": "adam", "learning_rate": 1e-3, "epochs": 1, "batch_size": 8},
        }
    )
