"""A key follows from all that decides the content; entries that are finished, old or too many are removed."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medtransfer import store
from medtransfer.settings.recipes import Recipe
from medtransfer.training import cache
from medtransfer.training.cache import (
    KEPT_DAYS,
    begin_checkpoints,
    cache_key,
    finish_checkpoints,
    prune_features,
    share,
    shared_features,
)
from medtransfer.training.checkpoints import Checkpoint
from tests.conftest import tiny_recipe

CODE = ("training/cache.py",)
DAY = 86400


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


def key(of: dict[str, Any]) -> str:
    return cache_key(of, CODE)


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
    assert key(one) == key(facts())
    other[fact] = CHANGES[fact](other[fact])
    assert key(other) != key(one)


@pytest.mark.parametrize(("file", "other"), [("models/networks/mine.py", True), ("training/cluster/crew.py", False)])
def test_another_line_of_code_is_another_key_but_of_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, other: bool
) -> None:
    monkeypatch.setattr(cache, "CODE", tmp_path)
    code = tmp_path / file
    code.parent.mkdir(parents=True)
    (tmp_path / "models").mkdir(exist_ok=True)
    keys = []
    for content in ("a", "b", "a"):
        code.write_text(content)
        keys.append(cache_key({}, ["models", file.partition("/")[0]]))
    assert keys[0] == keys[2]
    assert (keys[0] != keys[1]) == other


def test_shape_and_type_are_facts_too() -> None:
    one = facts()
    other = one | {"inputs": one["inputs"].reshape(12, 2, 3)}
    assert key(other) != key(one)
    assert key(one | {"inputs": one["inputs"].view(np.int32)}) != key(one)


def test_memory_map_has_the_key_of_its_array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medtransfer.training.cache.BLOCK", 50)  # so that it is read in several blocks
    one = facts()
    np.save(tmp_path / "inputs.npy", one["inputs"])
    assert key(one) == key(one | {"inputs": np.load(tmp_path / "inputs.npy", mmap_mode="r")})


def test_finished_and_long_unused_checkpoints_are_removed_and_the_same_run_takes_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mine", "done", "running", "abandoned"):
        Checkpoint(name, 0, root=tmp_path).write({}, {})
    long_ago = time.time() - (KEPT_DAYS + 1) * DAY
    os.utime(tmp_path / "abandoned", (long_ago, long_ago))
    finish_checkpoints("mine", tmp_path)
    finish_checkpoints("done", tmp_path)
    begin_checkpoints("mine", tmp_path)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["mine", "running"]
    assert f"the results are taken from {tmp_path / 'mine'}. To train again" in capsys.readouterr().out
    begin_checkpoints("another", tmp_path)
    assert (tmp_path / "mine").exists(), "what goes on is unfinished: a kill there costs nothing"
    begin_checkpoints("never written", tmp_path / "nowhere")


def leave_features(root: Path, ages: dict[str, float], size: int) -> None:
    """Entries of so many days since their last use, of `size` bytes each."""
    for name, age in ages.items():
        (root / f"{name}.npy").write_bytes(bytes(size))
        (root / f"{name}.json").write_text("{}")
        os.utime(root / f"{name}.json", (time.time() - age * DAY,) * 2)


def test_features_unused_for_long_are_removed(tmp_path: Path) -> None:
    leave_features(tmp_path, {"new": 0, "old": KEPT_DAYS + 1}, 10)
    draft, running = tmp_path / "x.1.draft.npy", tmp_path / "y.2.draft.npy"
    for file in (draft, running):
        file.touch()
    os.utime(draft, (time.time() - 2 * DAY,) * 2)
    prune_features(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.json", "new.npy", running.name]


def test_longest_unused_features_are_removed_beyond_the_size(tmp_path: Path) -> None:
    leave_features(tmp_path, {"a": 0, "b": 1, "c": 2, "d": 3}, 10)
    prune_features(tmp_path, size=25)
    assert sorted(file.stem for file in tmp_path.glob("*.npy")) == ["a", "b"]
    prune_features(tmp_path, size=5)
    assert [file.stem for file in tmp_path.glob("*.npy")] == ["a"], "the features in use stay, however large"


def test_features_are_computed_once_and_lie_on_the_disk_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rng: np.random.Generator
) -> None:
    monkeypatch.chdir(tmp_path)
    images = store.prepared("set").images
    images.write(rng.integers(0, 255, (4, 24, 24, 1), dtype=np.uint8))
    backbone = tiny_recipe("simple_cnn", "none").backbone
    for model in ("one", "two"):
        shared = shared_features(backbone, images, seed=0)
        share(shared, store.features("set", model), store.feature_times("set", model))
        # as DVC does it; a second run replaces the name and not the content
        store.features("set", model).path.chmod(0o444)
    share(shared, store.features("set", "one"), store.feature_times("set", "one"))
    assert capsys.readouterr().out.count("has left its features") == 1
    assert shared.path.stat().st_nlink == 3
    assert store.features("set", "one").read().shape == (4, 64)
    other = shared_features(backbone, images, seed=1)
    assert other.path != shared.path
