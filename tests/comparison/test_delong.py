"""DeLong's test against all pairs of images, the bootstrap, the jackknife, and SAS's example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.comparison.delong import delong
from medtransfer.settings.errors import UserError

Array = NDArray[np.float64]
# DeLong, DeLong and Clarke-Pearson (1988), as in SAS/STAT, PROC LOGISTIC, "Comparing ROC curves": albumin, K-G score,
# and whether the patient is a case.
OVARIAN = np.fromstring(
    """3.0 10 0 3.2 5 1 3.9 3 1 2.8 6 0 3.2 3 1 0.9 5 0 2.5 8 0 1.6 5 1 3.8 5 1 3.7 6 1 3.2 4 1 3.8 6 1 4.1 5 1 3.6 5 1
    4.3 4 1 3.6 4 0 2.3 6 1 4.2 4 0 4.0 6 0 3.5 6 1 3.8 7 1 3.0 8 0 4.5 5 1 3.7 5 1 3.1 6 1 4.1 6 1 4.3 5 1 4.3 4 1
    3.2 5 1 2.6 6 1 3.3 6 0 1.7 7 0 3.7 5 1 3.3 7 1 4.2 6 1 3.5 5 1 2.9 9 0 2.1 7 1 2.8 8 0 4.0 7 1 3.3 6 1 3.7 5 1
    3.6 5 1""",
    sep=" ",
).reshape(-1, 3)


def kernel(positive: NDArray[np.bool_], score: Array) -> Array:
    """Each positive against each negative: 1 above, 1/2 tied, 0 below."""
    above = score[positive][:, None] - score[~positive]
    return (np.sign(above) + 1) / 2


def columns(score: Array) -> Array:
    return np.column_stack([-score, score])


def test_the_published_example() -> None:
    actual, albumin, score = OVARIAN[:, 2].astype(int), OVARIAN[:, 0], 10 - OVARIAN[:, 1]
    result = delong(actual, columns(albumin), columns(score), (1,), np.arange(43))
    assert (result.a, result.b) == pytest.approx((0.7366, 0.7258), abs=5e-5)
    # An area without variance leaves the other's: SAS prints both standard errors.
    for each, error in ((albumin, 0.0927), (score, 0.1028)):
        alone = delong(actual, columns(each), columns(np.zeros(43)), (1,), np.arange(43))
        assert alone.variance == pytest.approx(error**2, rel=1.5e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.integers(4, 30), st.sampled_from([3, 1000]))
def test_is_its_definition_over_all_pairs(seed: int, images: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    positive = np.arange(images) < rng.integers(2, images - 1)
    a, b = rng.integers(0, levels, (2, images)).astype(float)
    kernels = kernel(positive, a) - kernel(positive, b)
    by_positive, by_negative = kernels.mean(axis=1), kernels.mean(axis=0)
    variance = by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative)
    result = delong(positive.astype(int), columns(a), columns(b), (1,), np.arange(images))
    assert result.difference == pytest.approx(kernels.mean())
    assert result.variance == pytest.approx(variance)
    assert (result.p is None) == (variance < 1e-12)
    # Of two classes the mean over both is the area of one.
    both = delong(positive.astype(int), columns(a), columns(b), (0, 1), np.arange(images))
    assert both.variance == pytest.approx(variance)


def test_agrees_with_the_bootstrap() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(300) < 120
    shared = positive + rng.normal(size=300)
    a, b = (shared + rng.normal(size=300) / 2 for _ in range(2))
    kernels = kernel(positive, a) - kernel(positive, b)
    counts = [rng.multinomial(n, np.full(n, 1 / n), 4000) / n for n in (120, 180)]
    resampled = ((counts[0] @ kernels) * counts[1]).sum(axis=1)
    result = delong(positive.astype(int), columns(a), columns(b), (1,), np.arange(300))
    assert result.variance == pytest.approx(resampled.var(), rel=0.08)
    assert result.interval == pytest.approx(tuple(np.quantile(resampled, [0.025, 0.975])), abs=0.005)


def test_mean_over_classes_has_the_jackknifes_variance() -> None:
    rng, images = np.random.default_rng(1), 150
    actual = rng.integers(0, 3, images)
    a, b = (np.eye(3)[actual] + rng.normal(size=(images, 3)) for _ in range(2))

    def difference(rows: NDArray) -> float:
        return float(
            np.mean([(kernel(actual[rows] == c, x[rows, c])).mean() for c in range(3) for x in (a,)])
            - np.mean([(kernel(actual[rows] == c, x[rows, c])).mean() for c in range(3) for x in (b,)])
        )

    everything = np.arange(images)
    left_out = np.array([difference(np.delete(everything, row)) for row in everything])
    result = delong(actual, a, b, (0, 1, 2), everything)
    assert result.difference == pytest.approx(difference(everything))
    assert result.variance == pytest.approx((images - 1) * left_out.var(), rel=0.03)


def test_equal_scores_and_perfect_ones_have_no_test() -> None:
    actual, groups = np.array([0, 0, 1, 1]), np.arange(4)
    perfect = columns(np.array([0.1, 0.2, 0.8, 0.9]))
    for other in (perfect, perfect**3):
        result = delong(actual, perfect, other, (1,), groups)
        assert (result.difference, result.variance, result.interval, result.p) == (0, 0, None, None)


def test_one_image_of_a_class_has_an_area_but_no_variance() -> None:
    a, b = columns(np.array([0.1, 0.2, 0.3])), columns(np.array([0.3, 0.2, 0.1]))
    result = delong(np.array([0, 0, 1]), a, b, (1,), np.arange(3))
    assert (result.a, result.b, result.variance, result.interval) == (1, 0, None, None)


@pytest.mark.parametrize("actual", [[0, 0, 0], [1, 1, 1]])
def test_a_missing_class_is_refused(actual: list[int]) -> None:
    scores = columns(np.array([0.1, 0.2, 0.3]))
    with pytest.raises(UserError, match="AUC needs held-out images of class 1 and of the others"):
        delong(np.array(actual), scores, scores, (1,), np.arange(3))
