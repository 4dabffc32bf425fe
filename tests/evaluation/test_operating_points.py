"""Operating points are those of the ROC curve of scikit-learn, in each resample too; predictive values are Bayes'."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special
from sklearn import metrics

from medtransfer.evaluation import operating_points as module
from medtransfer.evaluation.calibration import scaled
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.operating_points import operating_points, predictive_values
from medtransfer.evaluation.resampling import draw_groups
from medtransfer.evaluation.shares import wilson
from medtransfer.settings.errors import UserError
from tests.evaluation.simulated import calibrated, probabilities_of

POSITIVE, HEALTHY = Condition(1, healthy=False), Condition(0, healthy=True)


@given(st.integers(0, 10_000), st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=25)
def test_values_are_those_of_the_roc_curve(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    actual, logits = calibrated(rng, 60, classes=3)
    probabilities = scaled(logits, 1).round(2)
    probabilities[:, 0] = 1 - probabilities[:, 1:].sum(axis=1)
    at_specificity, at_sensitivity = operating_points(actual, probabilities.clip(0), HEALTHY, np.arange(60), [level])
    score = 1 - probabilities.clip(0)[:, 0]
    false, true, _ = metrics.roc_curve(actual != 0, score, drop_intermediate=False)
    assert at_specificity.rate.value == pytest.approx(true[1 - false >= level - 1e-9].max())
    assert at_sensitivity.rate.value == pytest.approx(1 - false[true >= level - 1e-9].min())


def sensitivity_at(level: float, score: NDArray[np.float64], actual: NDArray[np.int64]) -> float:
    """By the order statistic of the images without the condition; NaN without either."""
    without, allowed = np.sort(score[actual == 0])[::-1], int((actual == 0).sum() * (1 - level) + 1e-9)
    return float((score[actual == 1] > without[allowed]).mean()) if 0 < actual.sum() < len(actual) else np.nan


@pytest.mark.parametrize(("with_it", "cells"), [(20, module.CELLS), (20, 1000), (42, module.CELLS)])
def test_interval_is_that_of_a_loop_over_resamples(
    with_it: int, cells: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups of 3; where 42 of 45 images have the condition, a third of the resamples lack the other side."""
    monkeypatch.setattr(module, "CELLS", cells)
    actual, groups = np.repeat([1, 0], [with_it, 45 - with_it]), np.arange(45) // 3
    score = special.expit(rng.normal(size=45) + actual).round(1)
    looped = []
    for times in draw_groups(groups).of_images():
        rows = np.repeat(np.arange(45), times)
        looped.append(sensitivity_at(0.9, score[rows], actual[rows]))
    rate = operating_points(actual, probabilities_of(score), POSITIVE, groups, [0.9])[0].rate
    assert (rate.low, rate.high) == pytest.approx(tuple(np.nanquantile(looped, [0.025, 0.975])))


def test_level_that_binary_numbers_cannot_hold_is_met_exactly() -> None:
    """Of 100 images 55 are enough for 0.55, though 100 * 0.55 > 55 in binary."""
    score = np.concatenate([np.linspace(0.01, 0.99, 100), np.linspace(0.445, 0.455, 100)])
    threshold = np.sort(score[:100])[45]
    point = operating_points(np.repeat([1, 0], 100), probabilities_of(score), POSITIVE, np.arange(200), [0.55])[1]
    assert point.rate.value == (score[100:] < threshold).mean()


def test_model_without_an_error_is_no_certainty() -> None:
    actual, groups = np.repeat([0, 1], 20), np.arange(40) // 2
    for point in operating_points(actual, probabilities_of(np.where(actual == 1, 0.9, 0.1)), POSITIVE, groups):
        assert point.rate == wilson(10, 10)


def test_order_is_specificity_first(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 100)
    points = operating_points(actual, scaled(logits, 1), POSITIVE, np.arange(100))
    expected = [("specificity", 0.95), ("specificity", 0.99), ("sensitivity", 0.95), ("sensitivity", 0.99)]
    assert [(point.fixed, point.level) for point in points] == expected


def test_predictive_value_of_mammography_is_the_published_one() -> None:
    """Sensitivity 80 %, false positives 9.6 %, prevalence 1 %: 7.8 % (Gigerenzer and Hoffrage 1995, of Eddy 1982)."""
    actual = np.repeat([1, 0], 1000)
    called = np.concatenate([np.arange(1000) < 800, np.arange(1000) < 96])
    ppv, npv = predictive_values(actual, called, POSITIVE, np.arange(2000), 0.01)
    assert ppv.value == pytest.approx(0.078, abs=5e-4)
    assert ppv.low < 0.078 < ppv.high < 0.1
    assert npv.low < npv.value < npv.high < 1


def test_at_the_prevalence_of_the_set_they_are_precisions(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 80, classes=3)
    called = HEALTHY.of(logits.argmax(axis=1))
    ppv, npv = predictive_values(actual, called, HEALTHY, np.arange(80), float((actual != 0).mean()))
    assert ppv.value == pytest.approx(metrics.precision_score(actual != 0, called))
    assert npv.value == pytest.approx(metrics.precision_score(actual == 0, ~called))


def test_predictive_values_cover_the_truth(rng: np.random.Generator) -> None:
    """20 groups of 4 alike images on each side, sensitivity and specificity 0.8, prevalence 0.2: the PPV is 0.5."""
    actual, groups, covered = np.repeat([1, 0], 80), np.arange(160) // 4, 0
    for _ in range(100):
        right = rng.random(160) < np.repeat(rng.beta(8, 2, size=40), 4)
        ppv, _ = predictive_values(actual, right == (actual == 1), POSITIVE, groups, 0.2)
        covered += ppv.low <= 0.5 <= ppv.high
    assert 85 <= covered <= 99


def test_rule_without_a_false_alarm_has_a_predictive_value_that_is_no_certainty() -> None:
    actual = np.repeat([1, 0], 50)
    ppv, npv = predictive_values(actual, np.arange(100) < 40, POSITIVE, np.arange(100), 0.1)
    assert ppv.value == ppv.high == 1
    assert ppv.low < 0.6
    assert npv.low < npv.value < npv.high


def test_what_is_never_called_has_no_predictive_value() -> None:
    ppv, npv = predictive_values(np.array([0, 1]), np.zeros(2, bool), POSITIVE, np.arange(2), 0.1)
    assert np.isnan(ppv.value)
    assert npv.value == pytest.approx(0.9)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, 30.0])
def test_impossible_prevalence_is_refused(prevalence: float) -> None:
    with pytest.raises(UserError, match="the prevalence is"):
        predictive_values(np.array([0, 1]), np.ones(2, bool), POSITIVE, np.arange(2), prevalence)


def test_one_side_alone_is_refused() -> None:
    with pytest.raises(UserError, match="every image has the condition"):
        operating_points(np.ones(3, int), np.full((3, 2), 0.5), POSITIVE, np.arange(3))
