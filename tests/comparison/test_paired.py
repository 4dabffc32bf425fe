"""The paired t-test against SciPy's, and against the one that Jardim et al. (2024) printed."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from medtransfer.comparison.paired import paired_t_test

FOLDS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10)


@given(FOLDS)
def test_is_scipys(folds: list[tuple[float, float]]) -> None:
    a, b = np.array(folds).T
    assume(np.std(a - b) > 1e-6)
    found, expected = paired_t_test(a, b), stats.ttest_rel(a, b)
    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_jardims_table_1() -> None:
    """The paper prints 0.3977, which an unpaired formula gives on its rounded means and deviations."""
    scratch, transfer = np.array([97.94, 97.34, 97.70]), np.array([98.26, 97.78, 97.25])
    found = paired_t_test(transfer, scratch)
    assert found.t == pytest.approx(0.371, abs=5e-4)
    assert found.p == pytest.approx(0.75, abs=5e-3)
    assert stats.ttest_ind_from_stats(97.76, 0.328, 3, 97.66, 0.287, 3).statistic == pytest.approx(0.3977, abs=1e-3)


def test_equal_differences_have_no_t() -> None:
    found = paired_t_test(np.array([0.9, 0.8, 0.7]), np.array([0.8, 0.7, 0.6]))
    assert (found.t, found.p) == (None, None)
    assert found.mean_difference == pytest.approx(0.1)


def test_one_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two folds"):
        paired_t_test(np.array([0.9]), np.array([0.8]))
