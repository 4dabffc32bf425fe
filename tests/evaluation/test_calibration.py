"""Temperature scaling finds the temperature that was planted; the reliability diagram is scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from statsmodels.stats.proportion import proportion_confint

from medtransfer.evaluation.calibration import fit_temperature, log_probabilities, reliability, scaled
from medtransfer.settings.errors import UserError
from tests.evaluation.simulated import calibrated


class Network(ClassifierMixin, BaseEstimator):
    """A classifier whose input is its logits."""

    def fit(self, _: NDArray, actual: NDArray[np.int64]) -> "Network":
        self.classes_ = np.unique(actual)
        return self

    def decision_function(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        return logits

    def predict(self, logits: NDArray[np.float64]) -> NDArray[np.int64]:
        return self.classes_[logits.argmax(axis=1)]


@pytest.mark.parametrize("planted", [0.4, 1.0, 3.0])
def test_planted_temperature_is_found(planted: float, rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 20_000, classes=3)
    fitted = fit_temperature(actual, planted * logits)
    assert fitted.value == pytest.approx(planted, rel=0.03)
    assert fitted.loss_after <= fitted.loss_before
    assert (fitted.images, fitted.unfitted) == (20_000, "")


def test_temperature_is_that_of_scikit_learn(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 300, classes=3)
    logits *= 2
    network = FrozenEstimator(Network().fit(logits, actual))
    theirs = CalibratedClassifierCV(network, method="temperature").fit(logits, actual).predict_proba(logits)
    np.testing.assert_allclose(scaled(logits, fit_temperature(actual, logits).value), theirs, atol=1e-4)


@given(st.integers(0, 1000), st.floats(0.05, 20))
@settings(max_examples=25)
def test_temperature_is_the_least_loss_of_a_grid_and_follows_the_scale_of_logits(seed: int, scale: float) -> None:
    actual, logits = calibrated(np.random.default_rng(seed), 60)
    fitted = fit_temperature(actual, scale * logits)
    losses = [
        -np.log(scaled(logits, temperature)[np.arange(60), actual]).mean() for temperature in np.geomspace(0.1, 30)
    ]
    assert fitted.loss_after <= min(losses) + 1e-6
    assert fitted.value / scale == pytest.approx(fit_temperature(actual, logits).value, rel=1e-3)


def test_log_probabilities_serve_as_logits(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 200, classes=4)
    of_ensemble = fit_temperature(actual, log_probabilities(scaled(logits, 1)))
    assert of_ensemble.value == pytest.approx(fit_temperature(actual, logits).value, rel=1e-4)
    assert np.isfinite(log_probabilities(np.array([[0.0, 1.0]]))).all()


def test_perfect_predictions_have_no_temperature_and_are_left_as_they_are(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 50)
    logits[np.arange(50), actual] += 100
    fitted = fit_temperature(actual, logits)
    assert fitted.value == 1
    assert fitted.loss_after == fitted.loss_before
    assert "every out-of-fold prediction is right" in fitted.unfitted


def test_logits_that_point_away_from_the_class_have_no_temperature(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 500)
    fitted = fit_temperature(actual, -logits)
    assert fitted.value == 1
    assert "say nothing of the class" in fitted.unfitted


def test_logits_beyond_every_scale_end_at_the_bound_and_say_so(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 500)
    fitted = fit_temperature(actual, 1e6 * logits)
    assert fitted.value == 1
    assert "bound" in fitted.unfitted


@pytest.mark.parametrize(
    ("actual", "logits", "message"),
    [
        (np.zeros(3, int), np.ones((3, 2)), "images of one class"),
        (np.zeros(0, int), np.ones((0, 2)), "shape"),
        (np.array([0, 1]), np.array([[1, np.inf], [0, 1]]), "no finite number"),
    ],
)
def test_logits_that_cannot_be_fitted_are_refused(actual: NDArray[np.int64], logits: NDArray, message: str) -> None:
    with pytest.raises(UserError, match=message):
        fit_temperature(actual, logits)


def test_reliability_is_that_of_scikit_learn(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 400, classes=3)
    probabilities = scaled(logits, 0.5)
    bins = reliability(actual, probabilities, np.arange(400))
    right = probabilities.argmax(axis=1) == actual
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=15)
    np.testing.assert_allclose(bins["accuracy"], accuracy)
    np.testing.assert_allclose(bins["confidence"], confidence)
    low, high = proportion_confint(bins["accuracy"] * bins["images"], bins["images"], method="wilson")
    np.testing.assert_allclose(bins[["low", "high"]], np.stack([low, high], axis=1))
    assert bins["images"].sum() == 400


def test_reliability_of_groups_is_wider(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 100)
    actual, probabilities = np.repeat(actual, 6), np.repeat(scaled(logits, 1), 6, axis=0)
    single = reliability(actual, probabilities, np.arange(600))
    grouped = reliability(actual, probabilities, np.repeat(np.arange(100), 6))
    assert np.median((grouped["high"] - grouped["low"]) / (single["high"] - single["low"])) > 1.5
    np.testing.assert_array_equal(grouped["groups"] * 6, grouped["images"])


def test_certain_predictions_are_in_the_last_bin_and_ties_in_the_lower() -> None:
    bins = reliability(np.array([0, 1]), np.array([[1.0, 0.0], [0.6, 0.4]]), np.arange(2))
    np.testing.assert_allclose(bins[["above", "up_to"]], [[8 / 15, 9 / 15], [14 / 15, 1.0]])
    np.testing.assert_allclose(bins["accuracy"], [0, 1])
