"""All pairs of perceptual hashes that differ in few bits: exact, in blocks, without a loop over pairs."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

BLOCK = 64, 4096  # hashes compared at a time: what that takes stays in a core's cache
Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]  # first, second, bits that differ


def parse(hashes: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes in hex, all of one length, as N x words."""
    listed = list(hashes)
    width = len(listed[0]) // 16 if listed else 0
    return np.frombuffer(bytes.fromhex("".join(listed)), np.uint64).reshape(len(listed), width)


def close_pairs(hashes: NDArray[np.uint64], distance: int, others: NDArray[np.uint64] | None = None) -> Pairs:
    """Pairs (i, j) of `hashes` with i < j, or of `hashes` and `others`, that differ in at most `distance` bits.

    Pairs of `hashes` come sorted. Three quarters of the bits, the most varied ones, are compared first: two hashes
    that differ in more than `distance` of these differ in more of all, which spares nearly all pairs the last quarter.
    (Half of the bits leave one pair in twenty, whose gathering takes longer than the third word for all of them.)
    """
    within = others is None
    others = hashes if others is None else others
    if not len(hashes) or not len(others):
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.uint16)
    order = _most_varied_first(hashes)
    left, right = (np.ascontiguousarray(_reordered(rows, order).T) for rows in (hashes, others))  # words x N
    few = max(1, left.shape[0] * 3 // 4)

    def search(start: int) -> list[Pairs]:
        found: list[Pairs] = []
        apart_by, total, more = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8)
        for begin in range(start if within else 0, right.shape[1], BLOCK[1]):
            a, b = left[:, start : start + BLOCK[0]], right[:, begin : begin + BLOCK[1]]
            shape = np.s_[: a.shape[1], : b.shape[1]]
            bits = total[shape]
            for word in range(few):
                np.bitwise_xor(a[word, :, None], b[word, None, :], out=apart_by[shape])
                np.bitwise_count(apart_by[shape], out=more[shape] if word else bits)
                if word:
                    bits += more[shape]
            if bits.min() > distance:
                continue
            i, j = np.divmod(np.flatnonzero(bits <= distance), bits.shape[1])
            near = bits[i, j].astype(np.uint16)
            for word in range(few, len(a)):
                near += np.bitwise_count(a[word, i] ^ b[word, j])
            kept = near <= distance
            if within:
                kept &= i + start < j + begin
            found.append((i[kept] + start, j[kept] + begin, near[kept]))
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = [block for found in pool.map(search, range(0, left.shape[1], BLOCK[0])) for block in found]
    if not blocks:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.uint16)
    first, second, bits = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    order = np.lexsort((second, first))
    return first[order], second[order], bits[order]


def _most_varied_first(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    share = np.unpackbits(hashes.view(np.uint8), axis=1).mean(axis=0) if len(hashes) else np.zeros(0)
    return np.argsort(np.abs(share - 0.5), kind="stable")


def _reordered(hashes: NDArray[np.uint64], order: NDArray[np.intp]) -> NDArray[np.uint64]:
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)[:, order]
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint64)
