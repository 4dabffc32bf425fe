"""Features of augmented images: N x (1 + views) x F, of which view 0 is the plain image.

The features of a frozen backbone are computed once, however many epochs follow, so augmentation is limited to a number
of views of each image; each epoch draws one of them, or the plain image, for each row. Flat, such an array is
N (1 + views) x F.
"""

import numpy as np
from numpy.typing import NDArray

# Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators: SplitMix64's constants
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))


def count_views(inputs: NDArray, rank: int) -> int:
    """The number of augmented views of each row, where a network takes arrays of `rank` axes."""
    return inputs.shape[1] - 1 if inputs.ndim == rank + 1 else 0


def flat(inputs: NDArray, views: int) -> NDArray:
    """A row per view; a memory map stays one."""
    return inputs.reshape(-1, *inputs.shape[2:]) if views else inputs


def plain_rows(rows: NDArray[np.integer], views: int) -> NDArray[np.int64]:
    """The places of some rows' plain images in the flat array."""
    return rows.astype(np.int64) * (1 + views)


def training_rows(rows: NDArray[np.integer], views: int) -> NDArray[np.int64]:
    """The places in the flat array that training on some rows reads: plain image and all views, a row's together."""
    return (plain_rows(rows, views)[:, None] + np.arange(1 + views)).ravel()


def drawn(rows: NDArray[np.integer], views: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """For each row, a view from 0 (the plain image) to `views`: of seed, epoch and that row's number alone."""
    start = np.random.SeedSequence([seed, epoch], spawn_key=(0,)).generate_state(1, np.uint64)
    bits = start + (rows.astype(np.uint64) + np.uint64(1)) * GOLDEN
    for shift, factor in MIX:
        bits = (bits ^ (bits >> np.uint64(shift))) * factor
    bits ^= bits >> np.uint64(31)
    return (bits % np.uint64(1 + views)).astype(np.int64)
