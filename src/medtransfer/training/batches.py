"""The order of rows in an epoch, of seed and epoch alone: the same in any process, on any backend."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def shuffled(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The numbers below `count`, each once, in a new order each epoch."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def in_order(rows: NDArray[np.integer], size: int) -> Iterator[NDArray[np.integer]]:
    """Batches of at most `size` row numbers, as they come."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def steps(count: int, size: int) -> int:
    """Batches of at most `size` in `count` rows."""
    return -(-count // size)
