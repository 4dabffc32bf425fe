"""Type I errors by simulation: how often tests find a difference at 5 % where there is none."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from medtransfer.comparison.folds import PairedScores
from medtransfer.comparison.mcnemar import mcnemar, mid_p_by_groups
from medtransfer.comparison.tests import TESTS

Array = NDArray[np.float64]


def folds_of(learner: str, times: int, folds: int, repeats: int = 1) -> Array:
    """Differences in accuracy (times x folds) of two equally good models, each with a measurement of its own.

    60 images of two classes a time, in stratified folds. A model takes the class of the nearest mean, which hardly
    depends on single training images, or of the nearest training image, which does.
    """
    rng, actual = np.random.default_rng(0), np.tile([0, 1], 30)
    seen = actual[:, None] + rng.normal(size=(times, 60, 2))
    differences = []
    for _ in range(repeats):
        fold = np.repeat(rng.permutation(30) % folds, 2)
        for left_out in range(folds):
            test, training = fold == left_out, fold != left_out
            if learner == "nearest mean":
                middles = [seen[:, training & (actual == code)].mean(axis=1) for code in (0, 1)]
                predicted = seen[:, test] > (middles[0] + middles[1])[:, None] / 2
            else:
                distance = np.abs(seen[:, test, None] - seen[:, None, training])
                predicted = actual[training][distance.argmin(axis=2)] == 1
            right = (predicted == (actual[test] == 1)[None, :, None]).mean(axis=1)
            differences.append(right[:, 0] - right[:, 1])
    return np.array(differences).T


def rejected(test: str, differences: Array, repeats: int = 1) -> float:
    results = [TESTS[test].function(PairedScores(each, np.zeros(len(each)), repeats)) for each in differences]
    return float(np.mean([result.p is not None and result.p < 0.05 for result in results]))


@pytest.mark.parametrize(
    ("learner", "plain", "corrected"), [("nearest mean", (0.03, 0.06), 0.03), ("nearest image", (0.07, 0.12), 0.06)]
)
def test_three_folds(learner: str, plain: tuple[float, float], corrected: float) -> None:
    differences = folds_of(learner, 1000, folds=3)
    assert plain[0] < rejected("paired t", differences) < plain[1]
    assert 0.01 < rejected("corrected t", differences) < corrected
    assert rejected("wilcoxon", differences[:20]) == 0


def test_repeats_mislead_the_plain_test_alone() -> None:
    differences = folds_of("nearest image", 300, folds=3, repeats=3)
    assert rejected("paired t", differences, repeats=3) > 0.25
    assert rejected("corrected t", differences, repeats=3) < 0.09


def test_corrected_t_is_exact_where_its_correlation_holds() -> None:
    rng, share = np.random.default_rng(1), 1 / 5  # of test images: five folds
    differences = share**0.5 * rng.normal(size=(1500, 1)) + (1 - share) ** 0.5 * rng.normal(size=(1500, 5))
    assert rejected("corrected t", differences) == pytest.approx(0.05, abs=0.015)
    assert rejected("paired t", differences) > 0.12


@pytest.mark.parametrize("discordant", [6, 15, 40])
def test_mcnemar_by_all_outcomes(discordant: int) -> None:
    """The levels are sums over the binomial distribution, not draws."""
    outcomes = np.arange(discordant + 1)
    chances = stats.binom.pmf(outcomes, discordant, 0.5)
    images = np.arange(discordant)
    results = [mcnemar(images < outcome, images >= outcome, images) for outcome in outcomes]
    exact = chances[[result.exact_p < 0.05 for result in results]].sum()
    mid = chances[[result.mid_p < 0.05 for result in results]].sum()
    assert exact <= mid
    assert exact <= 0.05
    assert mid < 0.06


def test_alike_images_mislead_mcnemar_by_image_alone() -> None:
    rng, groups = np.random.default_rng(2), np.repeat(np.arange(20), 6)
    rejections = []
    for _ in range(300):
        a, b = (np.repeat(rng.random(20) < 0.7, 6) for _ in range(2))
        rejections.append((mcnemar(a, b, groups).mid_p < 0.05, mid_p_by_groups(a, b, groups) < 0.05))
    by_image, by_group = np.mean(rejections, axis=0)
    assert by_image > 0.3
    assert by_group < 0.08
