"""The paired t-test against SciPy's, and against the one that Jardim et al. (2024) printed."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from medtransfer.comparison.paired import paired_t_test
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.reported import Reported
from tests.conftest import ROOT

FOLDS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10)


@given(FOLDS)
def test_is_scipys(folds: list[tuple[float, float]]) -> None:
    a, b = np.array(folds).T
    assume(np.std(a - b) > 1e-6)
    found, expected = paired_t_test(a, b), stats.ttest_rel(a, b)
    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


@pytest.fixture(scope="module")
def jardim() -> Reported:
    """What Jardim et al. (2024) print."""
    return load_reported(ROOT)["jardim2024"]


def of_folds(jardim: Reported, model: str) -> NDArray[np.float64]:
    rows = [result for result in jardim.results if result.model == model and result.fold]
    return np.array([row.metrics["accuracy"] for row in sorted(rows, key=lambda row: row.fold or 0)])


def printed(jardim: Reported, model: str, statistic: str) -> float:
    (row,) = [result for result in jardim.results if result.model == model and result.statistic == statistic]
    return row.metrics["accuracy"]


def test_jardims_table_1_paired(jardim: Reported) -> None:
    scratch, transfer = of_folds(jardim, "jardim_cnn"), of_folds(jardim, "jardim_resnet50v2")
    assert (len(scratch), len(transfer)) == (3, 3)
    found, expected = paired_t_test(transfer, scratch), stats.ttest_rel(transfer, scratch)
    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.t == pytest.approx(0.371, abs=5e-4)
    assert found.p == pytest.approx(0.75, abs=5e-3)


def test_jardims_printed_t_is_an_unpaired_one(jardim: Reported) -> None:
    """Of the rounded means and the printed standard deviations, which are not those of the folds."""
    moments = [
        (printed(jardim, model, "mean"), printed(jardim, model, "standard deviation"), 3)
        for model in ("jardim_resnet50v2", "jardim_cnn")
    ]
    unpaired = stats.ttest_ind_from_stats(*moments[0], *moments[1])
    (test,) = jardim.tests
    assert test.t == 0.3977
    assert unpaired.statistic == pytest.approx(test.t, abs=5e-4)
    assert unpaired.pvalue > test.p_above
    scratch, transfer = of_folds(jardim, "jardim_cnn"), of_folds(jardim, "jardim_resnet50v2")
    assert stats.ttest_ind(transfer, scratch).statistic == pytest.approx(0.304, abs=5e-4)
    assert [transfer.std(ddof=1), scratch.std(ddof=1)] == pytest.approx([0.00505, 0.00302], abs=5e-6)


def test_equal_differences_have_no_t() -> None:
    found = paired_t_test(np.array([0.9, 0.8, 0.7]), np.array([0.8, 0.7, 0.6]))
    assert (found.t, found.p) == (None, None)
    assert found.mean_difference == pytest.approx(0.1)


def test_one_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two folds"):
        paired_t_test(np.array([0.9]), np.array([0.8]))
