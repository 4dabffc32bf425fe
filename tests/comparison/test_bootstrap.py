"""The paired bootstrap: p is the interval turned round, and agrees with a t-test where that holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from medtransfer.comparison.bootstrap import bootstrap_difference
from medtransfer.evaluation.resampling import draw_groups
from medtransfer.settings.errors import UserError


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 9999), shift=st.floats(-3, 3))
def test_p_is_the_level_at_which_the_interval_leaves_0_out(seed: int, shift: float) -> None:
    resampled = np.random.default_rng(seed).normal(shift, 1, 2000)
    result = bootstrap_difference(shift, 0.0, resampled, np.zeros(2000))
    assert result.p is not None
    for level in (0.01, 0.05, 0.2, 0.5):
        low, high = np.quantile(resampled, [level / 2, 1 - level / 2])
        if abs(result.p - level) > 2.1 / 2000:
            assert (result.p < level) == (low > 0 or high < 0)
    low, high = np.quantile(resampled, [0.025, 0.975])
    assert (result.difference.low, result.difference.high) == pytest.approx((low, high))


def test_agrees_with_the_paired_t_test_of_many_groups() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.15, 1, 300), rng.normal(0, 1, 300)
    draws = draw_groups(np.arange(300), resamples=8_000)
    result = bootstrap_difference(a.mean(), b.mean(), draws.sums(a) / 300, draws.sums(b) / 300)
    expected = stats.ttest_rel(a, b)
    assert result.p == pytest.approx(expected.pvalue, abs=0.01)
    interval = expected.confidence_interval()
    assert (result.difference.low, result.difference.high) == pytest.approx((interval.low, interval.high), abs=0.01)


def test_p_is_never_0_and_is_1_of_models_that_are_alike() -> None:
    assert bootstrap_difference(1.0, 0.0, np.ones(999), np.zeros(999)).p == 2 / 1000
    assert bootstrap_difference(0.5, 0.5, np.ones(999), np.ones(999)).p == 1


def test_resamples_without_a_value_are_left_out() -> None:
    a = np.array([0.1, np.nan, 0.3, 0.2])
    result = bootstrap_difference(0.2, 0.0, a, np.array([0.0, 0.0, 0.0, np.nan]))
    assert (result.resamples, result.p) == (2, 2 / 3)
    nothing = bootstrap_difference(0.2, 0.0, np.full(4, np.nan), np.zeros(4))
    assert (nothing.resamples, nothing.p) == (0, None)


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(UserError, match="not a number"):
        bootstrap_difference(np.nan, 0.0, np.zeros(3), np.zeros(3))
    with pytest.raises(UserError, match="numbers of resamples"):
        bootstrap_difference(0.0, 0.0, np.zeros(3), np.zeros(4))
