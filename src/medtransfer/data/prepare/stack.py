"""Images written to one .npy file, one after another, without holding them all in memory."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK = 256  # images copied at a time


class Stack:
    """A .npy file of images, uint8, N x size x size x C, written through a memory map.

    It has one channel up to the first coloured image, and three from then on. The file appears when the `with` block
    ends; after an error no file is left.
    """

    def __init__(self, path: Path, capacity: int, size: int) -> None:
        self._path, self._draft, self._other = path, path.with_suffix(".draft.npy"), path.with_suffix(".copy.npy")
        self._count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._map = np.lib.format.open_memmap(self._draft, "w+", np.uint8, (capacity, size, size, 1))

    def append(self, pixels: NDArray[np.uint8]) -> None:
        """Add an image, size x size x 1 or 3."""
        if pixels.shape[2] > self._map.shape[3]:
            self._copy(len(self._map), pixels.shape[2])
        self._map[self._count] = pixels  # a grey image fills all channels
        self._count += 1

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Shorten the file to the number of images and give it its name; after an error, remove it."""
        if kind is None and self._count < len(self._map):
            self._copy(self._count, self._map.shape[3])
        self._map.flush()
        del self._map
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink()
            self._other.unlink(missing_ok=True)

    def _copy(self, length: int, channels: int) -> None:
        """Continue in a file of another length or number of channels."""
        copy = np.lib.format.open_memmap(self._other, "w+", np.uint8, (length, *self._map.shape[1:3], channels))
        for start in range(0, self._count, CHUNK):
            copy[start : min(start + CHUNK, self._count)] = self._map[start : min(start + CHUNK, self._count)]
        self._other.replace(self._draft)
        self._map = copy
