"""Subsets of training rows: nested, of whole groups, with every class, and as large as they are named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.training.subsets import nested, subsets_of_fold

FRACTIONS = st.lists(st.floats(0.01, 0.99), max_size=4, unique=True).map(lambda few: [*sorted(few), 1.0])
SEEDS = st.integers(0, 99)


def images(sizes: list[tuple[int, int]]) -> tuple[NDArray, NDArray]:
    """Labels and groups of images, from each group's class and size, shuffled."""
    labels = np.repeat([f"class {label}" for label, _ in sizes], [size for _, size in sizes])
    groups = np.repeat(np.arange(len(sizes)), [size for _, size in sizes])
    order = np.random.default_rng(0).permutation(len(labels))
    return labels[order], groups[order]


# Of each class one group at least; one label a group.
GROUPED = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=40).map(
    lambda groups: images([(0, 2), (1, 5), (2, 1), *groups])
)
MIXED = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 8)), min_size=1, max_size=60).map(
    lambda rows: (np.array([label for label, _ in rows]), np.array([group for _, group in rows]))
)


@given(st.one_of(GROUPED, MIXED), FRACTIONS, SEEDS)
def test_each_fraction_holds_the_one_before_whole_groups_and_every_class(
    made: tuple[NDArray, NDArray], fractions: list[float], seed: int
) -> None:
    labels, groups = made
    before = np.zeros(len(labels), bool)
    for inside in nested(labels, groups, fractions, (seed, 0, 0)):
        assert not (before & ~inside).any()
        assert not set(groups[inside]) & set(groups[~inside])
        assert set(labels[inside]) == set(labels)
        before = inside
    assert before.all(), "the last fraction is all rows"


@given(GROUPED, FRACTIONS, SEEDS)
def test_every_class_is_within_half_a_group_of_its_share(
    made: tuple[NDArray, NDArray], fractions: list[float], seed: int
) -> None:
    labels, groups = made
    for fraction, inside in zip(fractions, nested(labels, groups, fractions, (seed, 0, 0)), strict=True):
        for label in set(labels):
            of_class = labels == label
            _, sizes = np.unique(groups[of_class], return_counts=True)
            taken = (inside & of_class).sum()
            alone = len(set(groups[inside & of_class])) == 1 and taken == sizes.min()  # it had to have one
            assert alone or abs(taken - fraction * of_class.sum()) <= sizes.max() / 2 + 1e-6


def test_single_images_keep_the_shares_of_the_classes() -> None:
    labels = np.repeat(["many", "few"], [400, 40])
    for fraction, inside in zip(
        (0.05, 0.1, 0.25), nested(labels, np.arange(440), (0.05, 0.1, 0.25), (1,)), strict=True
    ):
        assert [(inside & (labels == name)).sum() for name in ("many", "few")] == [400 * fraction, 40 * fraction]


def test_each_image_has_the_same_chance_in_a_draw() -> None:
    """Of groups of one size; over 300 draws of a quarter, none is taken much more often than another."""
    labels, groups = np.repeat([0, 1], 40), np.repeat(np.arange(40), 2)
    taken = np.mean([nested(labels, groups, (0.25,), (7, draw))[0] for draw in range(300)], axis=0)
    assert taken.mean() == 0.25
    assert np.abs(taken - 0.25).max() < 4 * np.sqrt(0.25 * 0.75 / 300)


def test_draws_and_folds_have_orders_of_their_own_and_seeds_repeat_them() -> None:
    labels, groups, rows = np.arange(200) % 2, np.arange(200) // 2 // 2, np.arange(40, 200)

    def drawn(seed: int, fold: int) -> dict[tuple[float, int], list[int]]:
        subsets = subsets_of_fold(rows, labels, groups, (0.1, 0.25, 0.5, 1), 3, (seed, fold))
        return {(each.fraction, each.draw): each.rows.tolist() for each in subsets}

    first = drawn(0, 0)
    assert list(first) == [(0.1, 0), (0.25, 0), (0.5, 0), (1, 0), (0.1, 1), (0.25, 1), (0.1, 2), (0.25, 2)]
    assert first == drawn(0, 0)
    assert first[1, 0] == rows.tolist()
    others = [first[0.1, 1], first[0.1, 2], drawn(0, 1)[0.1, 0], drawn(1, 0)[0.1, 0]]
    assert first[0.1, 0] not in others
    assert all(set(first[0.1, draw]) < set(first[0.25, draw]) for draw in range(3))


@pytest.mark.parametrize("fractions", [(0.1, 0.25), (0.25,)])
def test_sizes_hold_whichever_other_fractions_there_are(fractions: tuple[float, ...]) -> None:
    labels, groups = np.arange(300) % 3, np.random.default_rng(0).integers(0, 100, 300) * 3 + np.arange(300) % 3
    assert nested(labels, groups, fractions, (0,))[-1].mean() == pytest.approx(0.25, abs=0.02)
