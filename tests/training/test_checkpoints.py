"""Writing a checkpoint is all or nothing, and what is read back is what was written."""

import os
from pathlib import Path

import numpy as np
import pytest

from medtransfer.training.checkpoints import Checkpoint


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    checkpoint = Checkpoint("key", 2, root=tmp_path)
    assert checkpoint.read({}) is None
    checkpoint.write({"epoch": 3, "loss": 0.1 + 0.2}, {"a": np.arange(3), "b": np.ones((2, 2), np.float32)})
    contents = checkpoint.read({"a": (3,)})
    assert contents is not None
    state, arrays = contents
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
    contents = checkpoint.read({})
    assert contents is not None
    assert contents[0]["epoch"] == 1
