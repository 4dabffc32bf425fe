"""What training left on the disk when it was killed: a file per fold, in a folder named for all that decides it.

`.cache/checkpoints/KEY/fold-K.npz`, where KEY is a hash of everything that the result follows from: another recipe,
split, seed, input, Keras or line of code is another folder, and a stale file is never read.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.errors import DAMAGE
from medtransfer.models.backend import describe_device
from medtransfer.models.fingerprint import sha256
from medtransfer.settings.recipes import Recipe

CODE = Path(__file__).resolve().parents[1]
KEPT_DAYS = 30  # of runs that nobody came back to
FINISHED = "finished"
BLOCK = 2**26  # bytes hashed at a time

Rows = NDArray[np.integer]


def checkpoint_key(
    recipe: Recipe,
    seed: int,
    folds: Sequence[tuple[Rows, Rows]],
    labels: NDArray[np.integer],
    inputs: NDArray,
    values: Sequence[NDArray],
    options: Sequence[object] = (),
    scripts: Sequence[Path] = (),
) -> str:
    """A hash of all that trained folds follow from; reads `inputs` once, at about 1 GB/s.

    `folds` are the training and validation rows of each, `values` the network's weights before training
    (`Start.values`), `options` whatever else was chosen: the number of the positive class, of the healthy one;
    `scripts` the code that calls the library.
    """
    sources = sorted(file for room in ("models", "training") for file in (CODE / room).glob("*.py"))
    facts = {
        "recipe": recipe.model_dump(mode="json"),
        "seed": seed,
        "folds": [[_digest(train), _digest(validation)] for train, validation in folds],
        "labels": _digest(labels),
        "inputs": _digest(inputs),
        "values": [_digest(value) for value in values],
        "options": [str(option) for option in options],
        "code": [sha256(file) for file in (*sources, *scripts)],
        "keras": [keras.__version__, keras.backend.backend(), describe_device()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Checkpoint:
    """Where one fold of one run is kept.

    It is written after every epoch, unless that would take more than `share` of the time: whoever is killed loses the
    running epoch and, where epochs are as quick as that, the few before it.
    """

    key: str
    fold: int
    share: float = 0.1
    root: Path = store.CHECKPOINTS
    what: str = "fold"

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.key / f"{self.what}-{self.fold}.npz"

    def write(self, state: dict[str, Any], arrays: dict[str, NDArray]) -> None:
        """Plain values and arrays, all or nothing: a new file, on the disk, takes the old one's name."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"key": self.key, "fold": self.fold} | state)
        draft = self.path.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, state=np.array(text), **arrays)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync(self.path.parent)

    def read(self, shapes: dict[str, tuple[int, ...]]) -> tuple[dict[str, Any], dict[str, NDArray]] | None:
        """What was written last; None where there is nothing, or nothing of use (then a sentence is printed).

        `shapes` are those that arrays must have if they are there.
        """
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}  # the archive's checksums are tested here
            state = json.loads(str(arrays.pop("state")))
        except (*DAMAGE, OSError, KeyError) as error:
            print(f"{self.path} is damaged and ignored, this fold is trained afresh: {error}")
            return None
        fits = all(array.shape == shapes.get(name, array.shape) for name, array in arrays.items())
        if not isinstance(state, dict) or [state.get("key"), state.get("fold")] != [self.key, self.fold] or not fits:
            print(f"{self.path} belongs to another run and is ignored, this fold is trained afresh")
            return None
        return state, arrays


def finish(key: str, root: Path = store.CHECKPOINTS) -> None:
    """Mark a run all of whose files are written; DVC has yet to take them and, killed before, asks for them anew."""
    (root / key).mkdir(parents=True, exist_ok=True)
    (root / key / FINISHED).touch()


def forget_finished(root: Path = store.CHECKPOINTS) -> None:
    """Remove what runs have left that are finished."""
    for mark in root.glob(f"*/{FINISHED}"):
        shutil.rmtree(mark.parent, ignore_errors=True)


def tidy(key: str, root: Path = store.CHECKPOINTS) -> None:
    """Before a run with this key, remove what other finished runs have left, and those abandoned long ago.

    Where this very run was finished before, and DVC has not come to score it, that is said, and its folds are taken.
    """
    for folder in root.glob("*"):
        finished = (folder / FINISHED).exists()
        if finished and folder.name == key:
            print(f"all of this was trained before and is taken from {folder}; remove that to train it anew")
        elif finished or time.time() - folder.stat().st_mtime > KEPT_DAYS * 86400:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(array: NDArray) -> str:
    """Of an array's type, shape and values; a memory map is read block by block."""
    hashed = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    rows = max(1, BLOCK // max(1, array.dtype.itemsize * int(np.prod(array.shape[1:]))))
    for start in range(0, array.shape[0] if array.ndim else 1, rows):
        hashed.update(np.ascontiguousarray(array[start : start + rows] if array.ndim else array).data.cast("B"))
    return hashed.hexdigest()


def _sync(folder: Path) -> None:
    """A file's new name is on the disk, too, once its folder is; Windows opens no folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
