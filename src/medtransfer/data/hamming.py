"""All pairs of perceptual hashes that differ in few bits: exact, in blocks, without a loop over pairs."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

BLOCK = 64, 2048  # hashes compared at a time: what that takes stays in a core's cache
Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]  # first, second, bits that differ


def parse(hashes: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes in hex, all of one length, as N x words."""
    listed = list(hashes)
    width = len(listed[0]) // 16 if listed else 0
    return np.frombuffer(bytes.fromhex("".join(listed)), np.uint64).reshape(len(listed), width)


def close_pairs(hashes: NDArray[np.uint64], distance: int, others: NDArray[np.uint64] | None = None) -> Pairs:
    """Pairs (i, j) of `hashes` with i < j, or of `hashes` and `others`, that differ in at most `distance` bits.

    Pairs of `hashes` come sorted. Half of the bits, the most varied ones, are compared first: two hashes that
    differ in more than `distance` of these differ in more of all, which spares most pairs the other half.
    """
    within = others is None
    others = hashes if others is None else others
    order = _most_varied_first(hashes)
    left, right = _reordered(hashes, order), _reordered(others, order)
    half = max(1, left.shape[1] // 2)

    def search(start: int) -> list[Pairs]:
        found = []
        apart_by, apart = np.empty(BLOCK, np.uint64), np.empty((2, *BLOCK), np.uint8)
        for begin in range(start if within else 0, len(right), BLOCK[1]):
            a, b = left[start : start + BLOCK[0]], right[begin : begin + BLOCK[1]]
            total, more = apart[:, : len(a), : len(b)]
            total.fill(0)
            for word in range(half):
                np.bitwise_xor(a[:, None, word], b[None, :, word], out=apart_by[: len(a), : len(b)])
                np.bitwise_count(apart_by[: len(a), : len(b)], out=more)
                total += more
            if total.min() > distance:
                continue
            i, j = np.nonzero(total <= distance)
            if within:
                ahead = i + start < j + begin
                i, j = i[ahead], j[ahead]
            bits = np.bitwise_count(a[i] ^ b[j]).sum(axis=1, dtype=np.uint16)
            near = bits <= distance
            found.append((i[near] + start, j[near] + begin, bits[near]))
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = [block for found in pool.map(search, range(0, len(left), BLOCK[0])) for block in found]
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
