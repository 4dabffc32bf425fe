"""A perceptual hash of 256 bits, whose every orientation and negative follow from its bits.

The bits are the signs of the 16 x 16 lowest coefficients of a two-dimensional discrete cosine transform (after
Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", who compares with the median).
A flip from left to right turns the sign of the coefficients of odd column, a flip from top to bottom that of those of
odd row, a transposition swaps rows and columns, a negative turns all signs. So the bits are stored by parity, in four
words: a flip complements whole words.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

SIDE = 16  # coefficients a side
SAMPLED = 64  # pixels a side that the transform sees
WORDS = 4  # even rows and columns, odd columns, odd rows, both odd
HALF = SIDE // 2


def perceptual_hash(grey: Image.Image) -> str:
    """The hash of a grey image in hex: four words of 64 bits."""
    pixels = np.asarray(grey.resize((SAMPLED, SAMPLED), Image.Resampling.LANCZOS), np.float64)
    bits = dctn(pixels)[:SIDE, :SIDE] > 0
    bits[0, 0] = False  # the mean, which is always positive
    by_parity = bits.reshape(HALF, 2, HALF, 2).transpose(1, 3, 0, 2)
    return np.packbits(by_parity).tobytes().hex()


def parse(hashes: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes in hex as N x 4 words."""
    listed = list(hashes)
    return np.frombuffer(bytes.fromhex("".join(listed)), np.uint64).reshape(len(listed), WORDS)


def transposed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes (N x 4 words) of the transposed images."""
    squares = np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8), axis=1).reshape(-1, 2, 2, HALF, HALF)
    return np.packbits(squares.transpose(0, 2, 1, 4, 3).reshape(-1, SIDE * SIDE), axis=1).view(np.uint64)
