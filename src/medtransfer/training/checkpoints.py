"""The checkpoint of a fold: its state on the disk, so that killed training continues.

`.cache/checkpoints/KEY/NAME-FOLD.npz`; see `cache` for what the key is, and for when checkpoints are removed.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.settings.errors import DAMAGE


@dataclass(frozen=True)
class Checkpoint:
    """The file of one fold of one run.

    It is written after every epoch, unless that would take more than `share` of the time: a kill loses the running
    epoch and, where epochs are as quick as that, a few before it.
    """

    key: str
    fold: int
    share: float = 0.03
    root: Path = store.CHECKPOINTS
    name: str = "fold"  # or another network that is trained for it

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.key / f"{self.name}-{self.fold}.npz"

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
        """The last written content; None where there is none, or none of use (then a sentence is printed).

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


def _sync(folder: Path) -> None:
    """A file's new name is on the disk, too, once its folder is; Windows opens no folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
