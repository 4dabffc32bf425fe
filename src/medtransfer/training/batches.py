"""The order of rows in an epoch, of seed and epoch alone: the same in any process, on any backend."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def shuffled(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The numbers below `count`, each once, in a new order each epoch."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def repeated(rows: int, count: int, seed: int, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An epoch of `count` places below `rows`, and how often each has come before in it.

    All rows come again and again, each time in a new order; the first time in that of `shuffled`.
    """
    turns = -(-count // rows) if rows else 0
    orders = [shuffled(rows, seed, epoch)]
    orders += [np.random.default_rng([seed, epoch, turn]).permutation(rows) for turn in range(1, turns)]
    return np.concatenate(orders)[:count], np.repeat(np.arange(len(orders)), rows)[:count]


def in_order(rows: NDArray[np.integer], size: int) -> Iterator[NDArray[np.integer]]:
    """Batches of at most `size` row numbers, as they come."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def steps(count: int, size: int) -> int:
    """Batches of at most `size` in `count` rows."""
    return -(-count // size)
