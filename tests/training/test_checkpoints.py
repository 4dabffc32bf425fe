"""A checkpoint's name follows from all that decides the result; writing is all or nothing; what is done is removed."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medtransfer.settings.recipes import Recipe
from medtransfer.training.checkpoints import KEPT_DAYS, Checkpoint, checkpoint_key, finish, forget_finished, tidy
from tests.conftest import tiny_recipe


def facts() -> dict[str, Any]:
    return {
        "recipe": tiny_recipe("simple_cnn"),
        "seed": 1,
        "folds": [(np.arange(4, 12), np.arange(4)), (np.arange(8), np.arange(8, 12))],
        "labels": np.arange(12) % 2,
        "inputs": np.arange(12 * 6, dtype=np.float32).reshape(12, 6),
        "values": [np.ones((6, 2), np.float32), np.zeros(2, np.float32)],
        "options": (1, None),
    }


def _rate(recipe: Recipe) -> Recipe:
    return recipe.model_copy(update={"training": recipe.training.model_copy(update={"learning_rate": 0.5})})


def _touched(array: np.ndarray) -> np.ndarray:
    changed = array.copy()
    changed.flat[-1] = 1 - changed.flat[-1]
    return changed


CHANGES: dict[str, Callable[[Any], Any]] = {
    "recipe": _rate,
    "seed": lambda seed: seed + 1,
    "folds": lambda folds: [folds[0], (folds[1][0][1:], folds[1][1])],
    "labels": _touched,
    "inputs": _touched,
    "values": lambda values: [values[0], _touched(values[1])],
    "options": lambda options: (0, None),
}


@pytest.mark.parametrize("fact", CHANGES)
def test_another_fact_is_another_key(fact: str) -> None:
    one, other = facts(), facts()
    assert checkpoint_key(**one) == checkpoint_key(**facts())
    other[fact] = CHANGES[fact](other[fact])
    assert checkpoint_key(**other) != checkpoint_key(**one)


def test_shape_and_type_are_facts_too() -> None:
    one = facts()
    other = one | {"inputs": one["inputs"].reshape(12, 2, 3)}
    assert checkpoint_key(**other) != checkpoint_key(**one)
    assert checkpoint_key(**one | {"inputs": one["inputs"].view(np.int32)}) != checkpoint_key(**one)


def test_memory_map_has_the_key_of_its_array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medtransfer.training.checkpoints.BLOCK", 50)  # so that it is read in several blocks
    one = facts()
    np.save(tmp_path / "inputs.npy", one["inputs"])
    assert checkpoint_key(**one) == checkpoint_key(**one | {"inputs": np.load(tmp_path / "inputs.npy", mmap_mode="r")})


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    checkpoint = Checkpoint("key", 2, root=tmp_path)
    assert checkpoint.read({}) is None
    checkpoint.write({"epoch": 3, "loss": 0.1 + 0.2}, {"a": np.arange(3), "b": np.ones((2, 2), np.float32)})
    found = checkpoint.read({"a": (3,)})
    assert found is not None
    state, arrays = found
    assert (state["epoch"], state["loss"]) == (3, 0.1 + 0.2)
    assert sorted(arrays) == ["a", "b"]
    np.testing.assert_array_equal(arrays["a"], np.arange(3))
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["fold-2.npz"]


def test_array_of_another_shape_is_foreign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = Checkpoint("key", 0, root=tmp_path)
    checkpoint.write({}, {"a": np.arange(3)})
    assert checkpoint.read({"a": (4,)}) is None
    assert "belongs to another run and is ignored" in capsys.readouterr().out


def test_failed_write_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint("key", 0, root=tmp_path)
    checkpoint.write({"epoch": 1}, {})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.write({"epoch": 2}, {})
    found = checkpoint.read({})
    assert found is not None
    assert found[0]["epoch"] == 1


def test_finished_and_long_abandoned_runs_are_removed_and_of_ones_own_it_is_said_that_it_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("mine", "done", "running", "abandoned"):
        Checkpoint(key, 0, root=tmp_path).write({}, {})
    long_ago = time.time() - (KEPT_DAYS + 1) * 86400
    os.utime(tmp_path / "abandoned", (long_ago, long_ago))
    finish("mine", tmp_path)
    finish("done", tmp_path)
    tidy("mine", tmp_path)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["mine", "running"]
    assert f"is taken from {tmp_path / 'mine'}; remove that to train it anew" in capsys.readouterr().out
    tidy("never written", tmp_path / "nowhere")


def test_what_is_forgotten_is_finished(tmp_path: Path) -> None:
    for key in ("done", "running"):
        Checkpoint(key, 0, root=tmp_path).write({}, {})
    finish("done", tmp_path)
    forget_finished(tmp_path)
    assert [folder.name for folder in tmp_path.iterdir()] == ["running"]
