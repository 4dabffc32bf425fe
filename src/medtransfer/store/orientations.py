"""The eight orientations of a square picture: as it is, mirrored, turned by quarter turns, and both.

An orientation is a number from 0 to 7: 4 for a transposition, which comes first, plus 2 for a flip from top to
bottom, plus 1 for a flip from left to right. The eight form the dihedral group of the square.
"""

import numpy as np
from numpy.typing import NDArray

UPRIGHT, FLIPPED_X, FLIPPED_Y, TRANSPOSED = 0, 1, 2, 4
NAMES = (
    "upright",
    "mirrored left to right",
    "mirrored top to bottom",
    "turned by 180°",
    "mirrored at the diagonal",
    "turned by 90° clockwise",
    "turned by 90° anticlockwise",
    "mirrored at the other diagonal",
)
ALL = range(len(NAMES))


def oriented(images: NDArray, orientation: int, axes: tuple[int, int] = (-2, -1)) -> NDArray:
    """A view of the images in another orientation; `axes` are those of their rows and columns."""
    rows, columns = axes
    if orientation & TRANSPOSED:
        images = np.swapaxes(images, rows, columns)
    flipped = tuple(axis for axis, flag in ((rows, FLIPPED_Y), (columns, FLIPPED_X)) if orientation & flag)
    return np.flip(images, flipped) if flipped else images


def _number(pattern: NDArray) -> int:
    """Which orientation of a square without symmetries this pattern is."""
    square = np.arange(4).reshape(2, 2)
    return next(number for number in ALL if (oriented(square, number) == pattern).all())


# COMPOSED[a, b]: the orientation that does b first and a after it. INVERSE[a]: the one that takes a back.
COMPOSED = np.array([[_number(oriented(oriented(np.arange(4).reshape(2, 2), b), a)) for b in ALL] for a in ALL])
INVERSE = np.argmin(COMPOSED, axis=1)


def matrix(orientation: int, size: int) -> NDArray[np.float64]:
    """3 x 3: where pixel (x, y) of an image lies after it was oriented; images are size x size."""
    last = size - 1
    transform = np.eye(3)
    if orientation & TRANSPOSED:
        transform = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])
    if orientation & FLIPPED_X:
        transform = np.array([[-1.0, 0, last], [0, 1, 0], [0, 0, 1]]) @ transform
    if orientation & FLIPPED_Y:
        transform = np.array([[1.0, 0, 0], [0, -1, last], [0, 0, 1]]) @ transform
    return transform
