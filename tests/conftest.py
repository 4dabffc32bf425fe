"""Shared by all tests: where the project is, and a recipe that builds and trains in seconds."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

from medtransfer.settings.recipes import Recipe

if TYPE_CHECKING:
    from execnet import XSpec

    from tests.stranger import Stranger

ROOT = Path(__file__).resolve().parents[1]
# The first file that needs the small study runs it, and the others wait; so files that do not need it come next.
FIRST = ("test_changes.py", "test_real_archives.py", "test_architectures.py", "test_dag.py", "test_kill.py")
LONGEST = {
    *("test_weights.py", "test_trials.py", "test_kaggle.py", "test_studies.py", "test_build.py"),
    *("test_fit.py", "test_folds.py", "test_memory.py", "test_page.py", "test_phases.py", "test_resume.py"),
    *("test_steps.py", "test_transfer.py"),
}
gc.disable()  # until tests are collected: imports leave little garbage
# How long an example takes says something of the machine that day, and nothing of the code.
hypothesis.settings.register_profile("any machine", deadline=None, max_examples=25)
hypothesis.settings.load_profile("any machine")
# Test processes share the cores, and sums are of the same order on any machine. Libraries read these when they start.
os.environ |= dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
# ImageNet weights, where there are any, in place of those of whoever runs the tests.
if (WEIGHTS := ROOT.parent / "shared/keras").is_dir():
    os.environ["KERAS_HOME"] = str(WEIGHTS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list["XSpec"]) -> None:
    """Start the servers of the pipeline's tests, from one of which the parallel test processes fork.

    Without the pipeline's tests, two processes that load Keras at the same time are ready sooner.
    """
    if "not pipeline" in config.getoption("markexpr"):
        return
    from tests.servers import share_servers, worker_command

    share_servers()
    if command := worker_command():
        for spec in specs:
            if spec.popen and not spec.python:
                spec.python = command


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pipeline's tests first, then the longest files: what is left for the end should be short."""
    items.sort(
        key=lambda item: (
            item.path.name not in FIRST,
            item.get_closest_marker("pipeline") is None,
            item.path.name not in LONGEST,
        )
    )


def pytest_collection_finish() -> None:
    """What has been imported stays, so the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stranger"]:
    """Another process, which opens models of all tests."""
    from tests.stranger import stranger_in  # loads Keras

    with stranger_in(tmp_path_factory.mktemp("stranger")) as process:
        yield process


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
