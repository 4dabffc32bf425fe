"""The arms of the leakage experiment differ in what they should, and in nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.split.arms import ARMS, MOST_COPIES, Arms, draw

ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), min_size=20, max_size=150)


def arms_of(rows: list[tuple[str, int]], fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray, Arms]:
    labels, groups = (np.array(column) for column in zip(*rows, strict=True))
    return labels, groups, draw(labels, groups, fraction, seed)


@given(ROWS, st.sampled_from([0.1, 0.2, 0.4]), st.integers(0, 5))
def test_control_is_as_small_as_the_arm_without_copies_in_every_class(
    rows: list[tuple[str, int]], fraction: float, seed: int
) -> None:
    labels, groups, arms = arms_of(rows, fraction, seed)
    everything, without, control = (set(arms.development[name].tolist()) for name in ARMS)
    assert everything == set(range(len(rows))) - set(arms.test.tolist())
    tested = set(groups[arms.test].tolist())
    assert without == {row for row in everything if groups[row] not in tested}
    copies = everything - without
    assert copies <= control <= everything
    for label in "ab":
        removed = [sum(labels[row] == label for row in everything - arm) for arm in (without, control)]
        assert removed[0] == removed[1]


@given(ROWS, st.integers(0, 5))
def test_copies_of_test_images_are_a_third_of_a_class_at_most(rows: list[tuple[str, int]], seed: int) -> None:
    labels, groups, arms = arms_of(rows, 0.5, seed)
    development = arms.development["random"]
    copied = np.isin(groups[development], groups[arms.test])
    for label in "ab":
        assert (labels[development][copied] == label).sum() <= MOST_COPIES * (labels[development] == label).sum()


def test_control_loses_whole_groups_but_for_one() -> None:
    labels, groups = np.repeat("a", 400), np.repeat(np.arange(40), 10)
    arms = draw(labels, groups, 0.2, 1)
    lost = np.setdiff1d(arms.development["random"], arms.development["control"])
    counts = np.bincount(groups[lost], minlength=40)
    assert ((counts == 0) | (counts == 10)).sum() >= 39
    assert 0 < len(np.unique(groups[arms.test])) < 15


def test_without_copies_the_fraction_is_reached_and_all_arms_are_alike() -> None:
    labels = np.repeat(["a", "b"], [100, 50])
    arms = draw(labels, np.arange(150), 0.2, 3)
    assert [(labels[arms.test] == label).sum() for label in "ab"] == [20, 10]
    assert all(np.array_equal(arms.development[name], arms.development["random"]) for name in ARMS)


@pytest.mark.parametrize("seed", range(3))
def test_draws_follow_from_the_seed(seed: int) -> None:
    labels, groups = np.repeat(["a", "b"], 60), np.arange(120) // 3
    one, again, other = (draw(labels, groups, 0.2, number) for number in (seed, seed, seed + 1))
    assert np.array_equal(one.test, again.test)
    assert np.array_equal(one.development["control"], again.development["control"])
    assert not np.array_equal(one.test, other.test)
