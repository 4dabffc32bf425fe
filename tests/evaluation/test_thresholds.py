"""A threshold that is chosen on development data keeps its stated sensitivity on new data."""

import numpy as np
import pytest
from scipy import special, stats
from sklearn.metrics import recall_score

from medtransfer.evaluation.calibration import scaled
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.thresholds import ARGMAX, ThresholdRule, choose, threshold_curve
from medtransfer.settings.errors import UserError
from tests.evaluation.simulated import calibrated, probabilities_of

POSITIVE, HEALTHY = Condition(1, healthy=False), Condition(0, healthy=True)


def test_stated_sensitivity_holds_on_new_data_on_average(rng: np.random.Generator) -> None:
    """The plain quantile of 30 images finds less than it states."""
    actual, chosen, plain, repeats = np.repeat([0, 1], 30), [], [], 1000
    for _ in range(repeats):
        logit = rng.normal(size=60) + 2 * actual
        rule = choose(actual, probabilities_of(special.expit(logit)), np.arange(60), POSITIVE, 0.9)
        assert rule.threshold is not None
        chosen.append(stats.norm.sf(special.logit(rule.threshold), loc=2))
        plain.append(stats.norm.sf(np.quantile(logit[30:], 0.1), loc=2))
    error = np.std(chosen) / np.sqrt(repeats)
    assert 0.9 - 3 * error < np.mean(chosen) < 0.9 + 1 / 31 + 3 * error
    assert np.mean(plain) < 0.9 - 3 * error


def test_development_figures_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 200, classes=3)
    rule = choose(actual, scaled(logits, 1), np.arange(200), HEALTHY, 0.9)
    called = rule.predict(scaled(logits, 1)) != 0
    assert rule.sensitivity is not None
    assert rule.sensitivity == pytest.approx(recall_score(actual != 0, called))
    assert rule.specificity == pytest.approx(recall_score(actual == 0, ~called))
    assert rule.sensitivity >= 0.9


def test_threshold_of_the_positive_class_decides_between_it_and_the_largest_other() -> None:
    rule = ThresholdRule("sensitivity", 0.9, POSITIVE, 0.25)
    np.testing.assert_array_equal(
        rule.predict(np.array([[0.5, 0.25, 0.25], [0.3, 0.2, 0.5], [0.0, 1.0, 0.0], [0.6, 0.2, 0.2]])), [1, 2, 1, 0]
    )


def test_threshold_of_disease_decides_between_the_healthy_class_and_the_largest_other() -> None:
    rule = ThresholdRule("sensitivity", 0.9, HEALTHY, 0.25)
    np.testing.assert_array_equal(
        rule.predict(np.array([[0.75, 0.1, 0.15], [0.76, 0.2, 0.04], [0.0, 0.6, 0.4], [1.0, 0.0, 0.0]])), [2, 0, 1, 0]
    )


def test_argmax_is_the_largest_probability(rng: np.random.Generator) -> None:
    _, logits = calibrated(rng, 30, classes=3)
    np.testing.assert_array_equal(ARGMAX.predict(scaled(logits, 1)), logits.argmax(axis=1))


def test_too_few_groups_are_refused_and_the_fewest_pass(rng: np.random.Generator) -> None:
    actual = np.repeat([0, 1], 40)
    probabilities = probabilities_of(special.expit(rng.normal(size=80) + 4 * actual))
    groups = np.arange(80) // 2  # 20 with the condition
    assert choose(actual, probabilities, groups, POSITIVE, 0.95).sensitivity is not None
    with pytest.raises(UserError, match=r"takes 24 groups .* there are 20"):
        choose(actual, probabilities, groups, POSITIVE, 0.96)


def test_rule_that_calls_everything_positive_is_refused() -> None:
    probabilities = probabilities_of(np.repeat([0.9, 0.1], 20))
    with pytest.raises(UserError, match="every development image is called positive"):
        choose(np.repeat([0, 1], 20), probabilities, np.arange(40), POSITIVE, 0.9)


@pytest.mark.parametrize("sensitivity", [0, 1, 95])
def test_what_is_no_sensitivity_is_refused(sensitivity: float) -> None:
    with pytest.raises(UserError, match="the stated sensitivity is"):
        choose(np.array([0, 1]), np.full((2, 2), 0.5), np.arange(2), POSITIVE, sensitivity)


def test_curve_is_what_each_threshold_gives(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 40)
    probabilities = scaled(logits, 1).round(1)
    curve = threshold_curve(actual, probabilities, POSITIVE)
    assert curve["threshold"].is_monotonic_increasing
    assert len(curve) == len(np.unique(probabilities[:, 1]))
    for threshold, sensitivity, specificity in curve.to_numpy():
        called = probabilities[:, 1] >= threshold
        assert sensitivity == pytest.approx(recall_score(actual, called))
        assert specificity == pytest.approx(recall_score(1 - actual, ~called))
