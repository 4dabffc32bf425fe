"""Images written to one .npy file, one after another, without holding them in memory."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK = 256  # images copied at a time


class Stack:
    """A .npy file of images, uint8, N x size x size x C.

    It has one channel up to the first coloured image, and three from then on. The file appears when the `with` block
    ends; after an error no file is left. It is written front to back: pages of a memory map would stay in memory, and
    a full disk would end the process without a word.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._draft, self._other = path, path.with_suffix(".draft.npy"), path.with_suffix(".copy.npy")
        self._count, self._shape = 0, (size, size, 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._draft.open("w+b")
        self._file.write(_header(0, self._shape))

    def append(self, pixels: NDArray[np.uint8]) -> None:
        """Add an image, size x size x 1 or 3."""
        if pixels.shape[2] > self._shape[2]:
            self._widen(pixels.shape[2])
        self._file.write(np.broadcast_to(pixels, self._shape).tobytes())  # a grey image fills all channels
        self._count += 1

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the number of images and give the file its name; after an error, remove it."""
        try:
            if kind is None:
                self._file.seek(0)
                self._file.write(_header(self._count, self._shape))
                self._file.flush()
                self._draft.replace(self._path)
        finally:  # closing raises again where the disk is full, so it comes last
            self._draft.unlink(missing_ok=True)
            self._other.unlink(missing_ok=True)
            self._file.close()

    def _widen(self, channels: int) -> None:
        """Continue in a file of more channels."""
        wider, row = (*self._shape[:2], channels), int(np.prod(self._shape))
        with self._other.open("wb") as other:
            other.write(_header(0, wider))
            self._file.seek(len(_header(0, self._shape)))
            while content := self._file.read(CHUNK * row):
                images = np.frombuffer(content, np.uint8).reshape(-1, *self._shape)
                other.write(np.broadcast_to(images, (len(images), *wider)).tobytes())
        self._file.close()
        self._other.replace(self._draft)
        self._file, self._shape = self._draft.open("r+b"), wider
        self._file.seek(0, io.SEEK_END)


def _header(count: int, shape: tuple[int, ...]) -> bytes:
    """Of a .npy file; as long for any count, as NumPy leaves room for the first axis to grow."""
    content = io.BytesIO()
    facts = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
    np.lib.format.write_array_header_1_0(content, facts)
    return content.getvalue()
