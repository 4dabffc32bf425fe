"""Intervals of shares cover the truth, with groups as without."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from medtransfer.evaluation.shares import shares, wilson


def test_independent_images_have_the_interval_of_statsmodels(rng: np.random.Generator) -> None:
    hits = rng.random((51, 3)) < [0.97, 0.5, 1.1]
    for interval, column in zip(shares(hits, np.ones_like(hits), np.arange(51)), hits.T, strict=True):
        expected = proportion_confint(column.sum(), 51, method="wilson")
        assert (interval.value, interval.low, interval.high) == pytest.approx((column.mean(), *expected))


def test_interval_of_groups_covers_the_truth_where_that_of_images_does_not(rng: np.random.Generator) -> None:
    """40 patients with 12 alike images each; every column is another study of the same kind."""
    studies, truth = 300, 0.8
    of_patient = rng.beta(2 * truth, 2 * (1 - truth), size=(40, studies))
    hits = rng.random((480, studies)) < np.repeat(of_patient, 12, axis=0)
    by_patient = shares(hits, np.ones_like(hits), np.repeat(np.arange(40), 12))
    by_image = shares(hits, np.ones_like(hits), np.arange(480))
    covered = [np.mean([each.low <= truth <= each.high for each in kind]) for kind in (by_patient, by_image)]
    assert covered[0] == pytest.approx(0.93, abs=0.04)
    assert covered[1] < 0.75


def test_share_counts_only_the_images_in_question() -> None:
    hits, among = np.array([[True], [True], [False], [True]]), np.array([[True], [True], [True], [False]])
    interval = shares(hits, among, np.array(["a", "b", "c", "c"]))[0]
    assert interval == wilson(2, 3)


def test_groups_without_an_error_are_no_certainty() -> None:
    hits = np.ones((30, 1), dtype=bool)
    assert shares(hits, hits, np.repeat(np.arange(10), 3))[0] == wilson(10, 10)
    assert shares(~hits, hits, np.repeat(np.arange(10), 3))[0] == wilson(0, 10)


def test_share_of_no_image_is_undefined() -> None:
    none = np.zeros((4, 1), dtype=bool)
    assert np.isnan(shares(none, none, np.arange(4))[0].value)
