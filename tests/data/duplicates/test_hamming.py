"""Close pairs are those that a loop over all pairs and orientations finds, wherever the blocks end."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtransfer.data.duplicates import hamming
from medtransfer.data.duplicates.hamming import HashPairs, close_pairs
from medtransfer.data.duplicates.perceptual_hash import parse

COMPLEMENTS = {0: 0b0000, 1: 0b1010, 2: 0b1100, 3: 0b0110}  # words that a flip complements, the last word first
MEAN = 1 << 255  # the place of the mean, which no image sets
ORIENTED = list(itertools.product(range(8), (False, True)))


@contextmanager
def blocks_of(rows: int, columns: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "BLOCK", (rows, columns))
        yield


def turned(value: int, orientation: int, negative: bool) -> int:
    """The hash of the turned image, bit by bit; the first bit of the hex is the first of the first word."""
    bits = [
        [[value >> (255 - (word * 64 + row * 8 + column)) & 1 for column in range(8)] for row in range(8)]
        for word in range(4)
    ]
    if orientation & 4:
        bits = [[[bits[word][c][r] for c in range(8)] for r in range(8)] for word in (0, 2, 1, 3)]
    out = 0
    for word in range(4):
        flip = (COMPLEMENTS[orientation & 3] >> word & 1) ^ negative
        for row, column in itertools.product(range(8), repeat=2):
            bit = bits[word][row][column] ^ flip
            out |= bit << (255 - (word * 64 + row * 8 + column))
    return out & ~MEAN


Poses = dict[tuple[int, bool], int]  # a hash in every orientation, and of the negative


def poses(values: list[int]) -> list[Poses]:
    return [{way: turned(value, *way) for way in ORIENTED} for value in values]


def apart(one: int, other: Poses) -> tuple[int, set[tuple[int, bool]]]:
    """Bits in the best orientation of the other, and all orientations as good."""
    distances = {way: ((one ^ pose) & ~MEAN).bit_count() for way, pose in other.items()}
    least = min(distances.values())
    return least, {way for way, distance in distances.items() if distance == least}


def hexed(values: list[int]) -> list[str]:
    return [f"{value:064x}" for value in values]


@st.composite
def families(draw: st.DrawFn) -> list[int]:
    """Hashes, most of them a few bits away from one of a few others in some orientation."""
    seeds = draw(st.lists(st.integers(0, MEAN - 1), min_size=1, max_size=3))
    member = st.tuples(st.sampled_from(seeds), st.sampled_from(ORIENTED), st.lists(st.integers(0, 254), max_size=12))
    return [
        turned(seed, *way) ^ sum(1 << bit for bit in set(flipped))
        for seed, way, flipped in draw(st.lists(member, max_size=10))
    ]


BLOCKS = st.sampled_from([(64, 2048), (1, 1), (2, 3), (3, 2), (7, 64), (64, 1)])


def check(near: HashPairs, expected: dict[tuple[int, int], tuple[int, set[tuple[int, bool]]]]) -> None:
    assert list(zip(near.first.tolist(), near.second.tolist(), strict=True)) == sorted(expected)
    for first, second, bits, orientation, negative in zip(*vars(near).values(), strict=True):
        least, ways = expected[int(first), int(second)]
        assert (bits, (int(orientation), bool(negative)) in ways) == (least, True)


@given(families(), st.integers(0, 30), BLOCKS)
@settings(max_examples=50)
def test_pairs_within_are_those_of_a_loop_sorted(values: list[int], distance: int, blocks: tuple[int, int]) -> None:
    with blocks_of(*blocks):
        near = close_pairs(parse(hexed(values)), distance)
    turned_values = poses(values)
    every = {(i, j): apart(values[i], turned_values[j]) for i, j in itertools.combinations(range(len(values)), 2)}
    check(near, {pair: best for pair, best in every.items() if best[0] <= distance})


@given(families(), families(), st.integers(0, 120), BLOCKS)
@settings(max_examples=50)
def test_pairs_against_others_are_those_of_a_loop(
    values: list[int], others: list[int], distance: int, blocks: tuple[int, int]
) -> None:
    with blocks_of(*blocks):
        near = close_pairs(parse(hexed(values)), distance, parse(hexed(others)))
    every = {
        (i, j): apart(value, other)
        for (i, value), (j, other) in itertools.product(enumerate(values), enumerate(poses(others)))
    }
    check(near, {pair: best for pair, best in every.items() if best[0] <= distance})


def test_7000_hashes_are_compared_in_all_orientations_in_10_seconds() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, (7_000, 4), dtype=np.uint64)
    hashes[:, 0] &= ~np.uint64(0x80)  # the mean's place
    start = time.monotonic()
    near = close_pairs(hashes, 44)
    assert time.monotonic() - start < 10
    assert len(near.first) == 0
