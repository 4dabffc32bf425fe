"""Net benefit is what counting gives, and a calibrated model is worth more than treating all or none."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from medtransfer.evaluation.calibration import scaled
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.decision_curve import decision_curve
from medtransfer.settings.errors import UserError
from tests.evaluation.simulated import calibrated, probabilities_of

POSITIVE = Condition(1, healthy=False)


def test_net_benefit_of_ten_images_counted_by_hand() -> None:
    """At 0.2, four false alarms undo one hit: of 10, 3 are found and 2 called in vain, so (3 - 2 / 4) / 10."""
    score = np.array([0.9, 0.6, 0.2, 0.1, 0.5, 0.3, 0.19, 0.1, 0.05, 0.0])
    curve = decision_curve(np.repeat([1, 0], [4, 6]), probabilities_of(score), POSITIVE, np.arange(10), [0.2])
    row = curve.iloc[0]
    assert row["model"] == pytest.approx(0.25)
    assert row["treat_all"] == pytest.approx((4 - 6 / 4) / 10)
    assert row["treat_none"] == 0


def test_net_benefit_is_that_of_the_confusion_matrix(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 70, classes=3)
    probabilities = scaled(logits, 1)
    curve = decision_curve(actual, probabilities, Condition(0, healthy=True), np.arange(70))
    for threshold, model in curve[["threshold", "model"]].to_numpy():
        _, false, _, true = confusion_matrix(actual != 0, 1 - probabilities[:, 0] >= threshold).ravel()
        assert model == pytest.approx(true / 70 - false / 70 * threshold / (1 - threshold))


def test_calibrated_model_is_worth_more_than_either_and_a_distorted_one_less(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 20_000)
    thresholds = [0.2, 0.35, 0.5, 0.65, 0.8]
    good, sure = (
        decision_curve(actual, scaled(logits, temperature), POSITIVE, np.arange(20_000) // 100, thresholds)
        for temperature in (1.0, 0.1)
    )
    assert (good["low"] > np.maximum(good["treat_all"], 0)).all()
    unlike = good["threshold"] != 0.5
    assert (good["model"] > sure["model"])[unlike].all()


def test_treating_all_is_worth_nothing_where_the_threshold_is_the_prevalence() -> None:
    actual = np.repeat([1, 0], [30, 70])
    curve = decision_curve(actual, probabilities_of(np.full(100, 0.4)), POSITIVE, np.arange(100), [0.3, 0.4, 0.5])
    np.testing.assert_allclose(curve["treat_all"], [0, -1 / 6, -0.4], atol=1e-12)
    np.testing.assert_allclose(curve["model"], [0, -1 / 6, 0], atol=1e-12)


def test_interval_is_that_of_the_mean_over_groups() -> None:
    """At 0.5 a hit is worth 1 and a false alarm -1: of 50 alike groups, the interval of the mean of their worth."""
    actual = np.tile([1, 1, 0, 0], 50)
    score = np.tile([0.9, 0.9, 0.9, 0.1], 50)
    score[:80] = np.tile([0.1, 0.1, 0.9, 0.1], 20)
    row = decision_curve(actual, probabilities_of(score), POSITIVE, np.arange(200) // 4, [0.5]).iloc[0]
    worth = np.repeat([-0.25, 0.25], [20, 30])
    spread = 1.96 * worth.std() / np.sqrt(50)
    assert (row["low"], row["high"]) == pytest.approx((worth.mean() - spread, worth.mean() + spread), abs=0.015)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_threshold_at_an_end_is_refused(threshold: float) -> None:
    with pytest.raises(UserError, match="a threshold probability is"):
        decision_curve(np.array([0, 1]), np.full((2, 2), 0.5), POSITIVE, np.arange(2), [threshold])
