"""Intervals by groups are as wide as the groups make them."""

import numpy as np
import pytest
from scipy import stats

from medtransfer.evaluation.resampling import draw_groups, mean_by_groups


def test_single_images_give_the_plain_bootstrap_of_scipy(rng: np.random.Generator) -> None:
    values = rng.normal(size=80)
    interval = mean_by_groups(values, np.arange(80))
    scipys = stats.bootstrap((values,), np.mean, n_resamples=9999, method="percentile", rng=1).confidence_interval
    assert interval.value == pytest.approx(values.mean())
    np.testing.assert_allclose([interval.low, interval.high], scipys, atol=0.02)


def test_mean_weighs_groups_by_their_images() -> None:
    interval = mean_by_groups(np.array([1.0, 1, 1, 0]), np.array([0, 0, 0, 1]))
    assert (interval.value, interval.low, interval.high) == (0.75, 0.0, 1.0)


def test_interval_covers_the_truth_where_one_that_counts_images_does_not() -> None:
    """40 groups of 12 alike values: an interval of images would be a third as wide as it must be."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(40), 12)
    covered = {"groups": 0, "images": 0}
    for _ in range(30):
        values = np.repeat(rng.normal(size=40), 12) + rng.normal(scale=0.1, size=480)
        for name, units in (("groups", groups), ("images", np.arange(480))):
            interval = mean_by_groups(values, units, seed=1)
            covered[name] += interval.low <= 0 <= interval.high
    assert covered["groups"] > 0.85 * 30
    assert covered["images"] < 0.6 * 30


def test_nothing_to_resample_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean_by_groups(np.zeros(0), np.zeros(0))


def test_sums_over_a_resample_are_those_of_its_images(rng: np.random.Generator) -> None:
    groups, values = rng.choice(["a", "b", "c"], 20), rng.normal(size=(20, 2))
    draws = draw_groups(groups, resamples=5)
    np.testing.assert_allclose(draws.sums(values), draws.of_images() @ values)
    assert (draws.counts.sum(axis=1) == len(set(groups))).all()
