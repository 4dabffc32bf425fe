"""All pairs of perceptual hashes that differ in few bits in some orientation: all of them, in blocks.

The distance of two words in a flipped orientation is 64 less their distance, so four counts of bits serve all flips and
the negative, and four more the transposed ones: twice the work of one orientation, for sixteen.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.data.duplicates.perceptual_hash import WORDS, transposed
from medtransfer.store.orientations import FLIPPED_X, FLIPPED_Y, TRANSPOSED

BLOCK = 64, 4096  # hashes compared at a time: these fit into a core's cache
BITS = np.array([63, 64, 64, 64])  # that can differ in a word: the first holds the mean's place
FLIPS = [(flip, negative) for negative in (False, True) for flip in (0, FLIPPED_X, FLIPPED_Y, FLIPPED_X | FLIPPED_Y)]
# Whether a word is complemented, by flip and word: columns odd in words 1 and 3, rows odd in words 2 and 3.
COMPLEMENTED = np.array(
    [
        [negative ^ bool(word & 1 and flip & FLIPPED_X) ^ bool(word & 2 and flip & FLIPPED_Y) for word in range(WORDS)]
        for flip, negative in FLIPS
    ]
)


@dataclass(frozen=True)
class HashPairs:
    """Pairs of close hashes, sorted by first and second."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    bits: NDArray[np.uint16]  # that differ in the best orientation
    orientation: NDArray[np.uint8]  # of the second, in which it is like the first
    negative: NDArray[np.bool_]  # whether it is like the first's negative


def close_pairs(hashes: NDArray[np.uint64], distance: int, others: NDArray[np.uint64] | None = None) -> HashPairs:
    """Pairs (i, j) of `hashes` with i < j, or of `hashes` and `others`, that differ in at most `distance` bits.

    Hashes are N x 4 words of `perceptual_hash`. The second image of a pair, in the pair's orientation, is like the
    first. Three words are counted for all pairs, which leaves few pairs for the fourth.
    """
    within = others is None
    others = hashes if others is None else others
    left = np.ascontiguousarray(hashes.T)
    rights = [np.ascontiguousarray(rows.T) for rows in (others, transposed(others))]

    def search(start: int) -> list[tuple[NDArray, ...]]:
        near_pairs: list[tuple[NDArray, ...]] = []
        apart_by, total, more = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8)
        for begin in range(start if within else 0, len(others), BLOCK[1]):
            a = left[:, start : start + BLOCK[0]]
            for turn, right in enumerate(rights):
                b = right[:, begin : begin + BLOCK[1]]
                shape = np.s_[: a.shape[1], : b.shape[1]]
                bits, counted = total[shape], more[shape]
                for word in (1, 2, 3):  # the first word differs least between images
                    np.bitwise_xor(a[word, :, None], b[word, None, :], out=apart_by[shape])
                    np.bitwise_count(apart_by[shape], out=counted if word > 1 else bits)
                    _fold(counted if word > 1 else bits)
                    if word > 1:
                        bits += counted
                if bits.min() > distance:
                    continue
                i, j = np.divmod(np.flatnonzero(bits <= distance), bits.shape[1])
                each = np.bitwise_count(a[:, i] ^ b[:, j]).astype(np.int16)  # words x pairs
                every = np.where(COMPLEMENTED[:, :, None], BITS[:, None] - each, each).sum(axis=1)  # flips x pairs
                best = every.argmin(axis=0)
                near = every.min(axis=0)
                kept = near <= distance
                if within:
                    kept &= i + start < j + begin
                near_pairs.append((i[kept] + start, j[kept] + begin, near[kept], best[kept], np.full(kept.sum(), turn)))
        return near_pairs

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = [block for parts in pool.map(search, range(0, len(hashes), BLOCK[0])) for block in parts]
    return _best_of_each_pair(blocks)


def _fold(bits: NDArray[np.uint8]) -> None:
    """In place, the distance of two words or of one and the other's complement, whichever is less."""
    np.subtract(bits, 32, out=bits)
    np.abs(bits.view(np.int8), out=bits.view(np.int8))
    np.subtract(32, bits, out=bits)


def _best_of_each_pair(blocks: list[tuple[NDArray, ...]]) -> HashPairs:
    if not blocks:
        none = np.zeros(0, np.intp)
        return HashPairs(none, none, none.astype(np.uint16), none.astype(np.uint8), none.astype(bool))
    first, second, bits, flip, turn = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    order = np.lexsort((turn, bits, second, first))
    first, second, bits, flip, turn = (part[order] for part in (first, second, bits, flip, turn))
    kept = np.ones(len(first), dtype=bool)
    kept[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    flips, negatives = (np.array(values)[flip[kept]] for values in zip(*FLIPS, strict=True))
    orientation = (flips + TRANSPOSED * turn[kept]).astype(np.uint8)
    return HashPairs(first[kept], second[kept], bits[kept].astype(np.uint16), orientation, negatives)
