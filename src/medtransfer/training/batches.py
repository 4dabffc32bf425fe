"""Which rows a step sees: an order chosen by seed and epoch alone, the same in any process, on any backend."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def shuffled(rows: NDArray[np.intp], size: int, seed: int, epoch: int) -> Iterator[NDArray[np.intp]]:
    """Batches of at most `size` row numbers: every row once, in a new order each epoch."""
    yield from in_order(np.random.default_rng([seed, epoch]).permutation(rows), size)


def in_order(rows: NDArray[np.intp], size: int) -> Iterator[NDArray[np.intp]]:
    """Batches of at most `size` row numbers, as they come."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
