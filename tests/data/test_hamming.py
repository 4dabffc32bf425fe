"""Close pairs are those that a loop over all pairs finds, wherever the blocks end; and they come in time."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data import hamming
from medtransfer.data.hamming import Pairs, close_pairs, parse

BITS = 256


@contextmanager
def blocks_of(rows: int, columns: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "BLOCK", (rows, columns))
        yield


def listed(pairs: Pairs) -> list[tuple[int, int, int]]:
    return [(int(i), int(j), int(bits)) for i, j, bits in zip(*pairs, strict=True)]


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@st.composite
def families(draw: st.DrawFn, width: int = BITS) -> list[str]:
    """Hashes in hex, most of them a few bits away from one of a few others."""
    seeds = draw(st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=3))
    member = st.tuples(st.sampled_from(seeds), st.lists(st.integers(0, width - 1), max_size=12))
    members = draw(st.lists(member, max_size=20))
    return [f"{seed ^ sum(1 << bit for bit in set(bits)):0{width // 4}x}" for seed, bits in members]


BLOCKS = st.sampled_from([(64, 2048), (1, 1), (2, 3), (3, 2), (4, 4), (7, 64), (64, 1)])


@given(families(), st.integers(0, 24), BLOCKS)
def test_pairs_within_are_those_of_a_loop_sorted(hashes: list[str], distance: int, blocks: tuple[int, int]) -> None:
    with blocks_of(*blocks):
        found = close_pairs(parse(hashes), distance)
    expected = [
        (i, j, bits_apart(hashes[i], hashes[j]))
        for i, j in itertools.combinations(range(len(hashes)), 2)
        if bits_apart(hashes[i], hashes[j]) <= distance
    ]
    assert listed(found) == expected


@given(families(), families(), st.integers(0, 140), BLOCKS)
def test_pairs_against_others_are_those_of_a_loop(
    hashes: list[str], others: list[str], distance: int, blocks: tuple[int, int]
) -> None:
    others = others + hashes[:3]
    with blocks_of(*blocks):
        found = close_pairs(parse(hashes), distance, parse(others))
    expected = [
        (i, j, bits_apart(one, other))
        for (i, one), (j, other) in itertools.product(enumerate(hashes), enumerate(others))
        if bits_apart(one, other) <= distance
    ]
    assert listed(found) == expected


@given(families(64), st.integers(0, 30))
def test_hashes_of_another_length_are_compared_too(hashes: list[str], distance: int) -> None:
    pairs = list(itertools.combinations(range(len(hashes)), 2))
    expected = [(i, j, b) for i, j in pairs if (b := bits_apart(hashes[i], hashes[j])) <= distance]
    assert listed(close_pairs(parse(hashes), distance)) == expected


def test_bits_that_differ_at_the_limit_count_and_one_more_does_not() -> None:
    hashes = [f"{(1 << count) - 1:064x}" for count in (0, 36, 37)]
    assert listed(close_pairs(parse(hashes), 36)) == [(0, 1, 36), (1, 2, 1)]
    assert listed(close_pairs(parse(hashes), 37)) == [(0, 1, 36), (0, 2, 37), (1, 2, 1)]


def test_the_farthest_hashes_are_all_their_bits_apart() -> None:
    assert listed(close_pairs(parse(["0" * 64, "f" * 64]), 256)) == [(0, 1, 256)]
    assert not listed(close_pairs(parse(["0" * 64, "f" * 64]), 255))


def test_block_borders_of_the_real_size_lose_nothing(rng: np.random.Generator) -> None:
    hashes = rng.integers(0, 2**64, (4200, 4), dtype=np.uint64)
    for first, second in [(0, 4199), (63, 64), (64, 2047), (2047, 2048), (2048, 2049), (4095, 4096)]:
        hashes[second] = hashes[first]
        hashes[second, 1] ^= np.uint64(1 << 40)
    found = {(i, j) for i, j, _ in listed(close_pairs(hashes, 3))}
    assert found >= {(0, 4199), (63, 64), (64, 2047), (2047, 2048), (2048, 2049), (4095, 4096)}
    assert len(found) == 12  # 63, 64 and 2047 to 2049 are one family of five: ten pairs; and two others


@given(st.lists(st.integers(0, 2**BITS - 1), max_size=5))
def test_parsed_hashes_differ_in_the_bits_that_imagehash_counts(values: list[int]) -> None:
    hashes = [f"{value:064x}" for value in values]
    words = parse(hashes)
    assert words.dtype == np.uint64
    for (i, one), (j, other) in itertools.product(enumerate(hashes), repeat=2):
        bits = int(np.bitwise_count(words[i] ^ words[j]).sum())
        assert bits == imagehash.hex_to_hash(one) - imagehash.hex_to_hash(other)


def test_nothing_has_no_pairs() -> None:
    none, some = parse([]), parse(["0" * 64] * 2)
    assert len(none) == 0
    for hashes, others in ((none, None), (none, some), (some, none), (some[:1], None)):
        found = close_pairs(hashes, 9, others)
        assert listed(found) == []
        assert [part.dtype for part in found] == [np.intp, np.intp, np.uint16]


def test_seven_thousand_hashes_are_compared_in_time(rng: np.random.Generator) -> None:
    hashes = rng.integers(0, 2**64, (7000, 4), dtype=np.uint64)
    start = time.perf_counter()
    found = close_pairs(hashes, 36)
    assert time.perf_counter() - start < 5
    assert listed(found) == []
