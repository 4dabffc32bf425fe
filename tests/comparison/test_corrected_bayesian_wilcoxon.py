"""Three rows of TESTS against other implementations: baycomp, an integrated posterior, an enumeration.

Their type I errors are in test_levels.py.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from medtransfer.comparison.folds import PairedScores
from medtransfer.comparison.tests import bayesian_t, corrected_t, paired_t, wilcoxon

SCORES = st.sampled_from([4, 6]).flatmap(
    lambda folds: st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=folds, max_size=folds)
)


@settings(max_examples=25, deadline=None)
@given(folds=SCORES, repeats=st.sampled_from([1, 2]))
def test_corrected_t_has_baycomps_variance(folds: list[tuple[float, float]], repeats: int) -> None:
    from baycomp import CorrelatedTTest

    a, b = np.array(folds).T
    scores = PairedScores(a, b, repeats)
    mean, variance, freedom = CorrelatedTTest.compute_statistics(scores.b, scores.a, repeats)
    if scores.deviation < 1e-6:
        return
    result = corrected_t(scores)
    assert result.statistic == pytest.approx(mean / variance**0.5)
    assert result.interval == pytest.approx(stats.t.interval(0.95, freedom, mean, variance**0.5))
    assert result.p == pytest.approx(2 * stats.t.cdf(-abs(mean) / variance**0.5, freedom))


def test_corrected_t_takes_the_ratio_of_uneven_folds() -> None:
    a, b = np.array([0.9, 0.8, 0.85]), np.array([0.8, 0.75, 0.7])
    plain, corrected = paired_t(PairedScores(a, b)), corrected_t(PairedScores(a, b, test_to_training=1.0))
    assert plain.statistic is not None
    assert corrected.statistic == pytest.approx(plain.statistic / 2)  # 1/3 + 1 is four times 1/3


@pytest.mark.parametrize("repeats", [1, 2])
def test_bayesian_t_is_its_posterior_integrated(repeats: int) -> None:
    """Normal differences, each two correlated by 1/k, and the prior 1 / variance: by sums over a grid."""
    differences, rope = np.array([0.03, 0.01, 0.05, -0.01]), 0.01
    shared = repeats / 4
    correlation = np.full((4, 4), shared) + np.eye(4) * (1 - shared)
    # The region begins and ends between two points of the grid.
    mean, log_variance = np.meshgrid((np.arange(-3000, 3000) + 0.5) * 5e-4, np.linspace(-14, 4, 121))
    off = differences - mean[..., None]
    square = np.einsum("...i,ij,...j", off, np.linalg.inv(correlation), off)
    density = np.exp(-square / np.exp(log_variance) / 2 - 2 * log_variance)  # 1/variance is flat in its logarithm
    expected = [density[part].sum() / density.sum() for part in (mean > rope, abs(mean) <= rope, mean < -rope)]
    result = bayesian_t(PairedScores(differences + 0.5, np.full(4, 0.5), repeats, rope=rope))
    assert result.probabilities == pytest.approx(expected, abs=3e-3)
    assert result.p is None


def test_without_a_region_nothing_is_equivalent() -> None:
    result = bayesian_t(PairedScores(np.array([0.9, 0.7]), np.array([0.8, 0.75]), rope=0))
    assert result.probabilities is not None
    assert result.probabilities[1] == 0
    assert sum(result.probabilities) == pytest.approx(1)


def test_wilcoxon_is_its_distribution_enumerated() -> None:
    """All 1,024 signs of the ranks of ten differences, equally probable."""
    differences = np.array([8.0, 14.0, 16.0, 23.0, 24.0, -6.0, 28.0, 41.0, -48.0, 49.0])
    result = wilcoxon(PairedScores(differences, np.zeros(10)))
    signed = np.sign(differences) * (np.abs(differences).argsort().argsort() + 1)
    assert result.statistic == -signed[signed < 0].sum()
    flips = np.array(np.meshgrid(*[[0, 1]] * 10)).reshape(10, -1).T @ np.abs(signed)
    assert result.p == pytest.approx(2 * (flips <= result.statistic).mean())


@pytest.mark.parametrize(("folds", "least"), [(3, 0.25), (5, 0.0625)])
def test_wilcoxon_of_few_folds_says_that_it_finds_nothing(folds: int, least: float) -> None:
    result = wilcoxon(PairedScores(np.arange(1.0, folds + 1), np.zeros(folds)))
    assert result.p == least
    assert f"{folds} folds that differ, p is {least:g} or more" in result.note
    assert wilcoxon(PairedScores(np.arange(1.0, 7), np.zeros(6))).note == ""


def test_wilcoxon_of_one_fold_that_differs_has_a_p_of_1() -> None:
    result = wilcoxon(PairedScores(np.array([0.5, 0.0]), np.zeros(2)))
    assert result.p == 1
    assert "With 1 fold that differs, p is 1, so" in result.note
