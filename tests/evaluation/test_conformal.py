"""Prediction sets are those of MAPIE on each class, and hold every class as often as stated."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from medtransfer.evaluation.calibration import scaled
from medtransfer.evaluation.conformal import Conformal, coverage, fit_conformal
from medtransfer.evaluation.shares import wilson
from medtransfer.settings.errors import UserError
from medtransfer.store.interval import Interval
from tests.evaluation.simulated import calibrated


class Fitted(ClassifierMixin, BaseEstimator):
    """A classifier whose input is its probabilities."""

    def __init__(self, classes: int = 3) -> None:
        self.classes = classes
        self.classes_ = np.arange(classes)

    def fit(self, *_: NDArray) -> "Fitted":
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict_proba(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        return probabilities

    def predict(self, probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
        return probabilities.argmax(axis=1)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_sets_are_those_of_mapie_on_each_class(level: float, rng: np.random.Generator) -> None:
    from mapie.classification import SplitConformalClassifier

    actual, logits = calibrated(rng, 300, classes=3)
    probabilities, new = scaled(logits, 1), scaled(calibrated(rng, 100, classes=3)[1], 1)
    sets = fit_conformal(actual, probabilities, np.arange(300), "abc", level).sets(new)
    for code in range(3):
        of_class = actual == code
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a class is missing is what makes it class-conditional
            theirs = SplitConformalClassifier(Fitted(), confidence_level=level, conformity_score="lac", prefit=True)
            theirs.conformalize(probabilities[of_class], actual[of_class])
            _, expected = theirs.predict_set(new)
        np.testing.assert_array_equal(sets[:, code], expected[:, code, 0])


def test_every_class_is_covered_as_often_as_stated(rng: np.random.Generator) -> None:
    """On exchangeable data, on average over calibration sets; a rare class as well as a frequent one."""
    repeats, covered = 300, []
    for _ in range(repeats):
        actual = np.repeat([0, 1, 0, 1], [150, 25, 300, 300])
        logits = np.stack([np.zeros(775), rng.normal(size=775) + 1.5 * actual - 2], axis=1)
        probabilities = scaled(logits, 1)
        conformal = fit_conformal(actual[:175], probabilities[:175], np.arange(175), "ab", 0.9)
        held = conformal.sets(probabilities[175:])[np.arange(600), actual[175:]]
        covered.append([held[:300].mean(), held[300:].mean()])
    for rate, error, images in zip(
        np.mean(covered, axis=0), np.std(covered, axis=0) / np.sqrt(repeats), (150, 25), strict=True
    ):
        assert 0.9 - 3 * error < rate < 0.9 + 1 / (images + 1) + 3 * error


def test_coverage_and_sizes_are_counted() -> None:
    conformal = Conformal(0.9, ("a", "b"), (0.5, 0.3), (20, 20), (20, 20))
    probabilities = np.array([[0.5, 0.5], [0.4, 0.6], [0.1, 0.9], [0.6, 0.4]])
    np.testing.assert_array_equal(
        conformal.sets(probabilities), [[True, False], [False, False], [False, True], [True, False]]
    )
    result = coverage(conformal, np.array([0, 0, 1, 1]), probabilities, np.arange(4))
    assert result.overall == wilson(2, 4)
    assert result.per_class == (wilson(1, 2), wilson(1, 2))
    assert (result.empty, result.single, result.several) == (wilson(1, 4), wilson(3, 4), wilson(0, 4))
    assert result.size == Interval(0.75, 0.25, 1.0)


def test_copies_do_not_count_as_calibration_images(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 60)
    probabilities = scaled(logits, 1)
    alone = fit_conformal(actual, probabilities, np.arange(60), "ab")
    three = fit_conformal(np.repeat(actual, 3), np.repeat(probabilities, 3, axis=0), np.repeat(np.arange(60), 3), "ab")
    assert (three.quantiles, three.groups) == (alone.quantiles, alone.groups)
    assert three.images == tuple(3 * images for images in alone.images)


def test_too_few_calibration_images_are_refused_and_the_fewest_pass(rng: np.random.Generator) -> None:
    actual = np.repeat([0, 1], [9, 8])
    probabilities = scaled(rng.normal(size=(17, 2)), 1)
    with pytest.raises(UserError, match=r"level of 0.9 need 9 groups .* tumour has 8: lower"):
        fit_conformal(actual, probabilities, np.arange(17), ["healthy", "tumour"], 0.9)
    assert len(fit_conformal(actual, probabilities, np.arange(17), ["healthy", "tumour"], 0.88).quantiles) == 2


def test_class_that_is_not_tested_is_refused() -> None:
    conformal = Conformal(0.9, ("a", "b"), (0.5, 0.3), (20, 20), (20, 20))
    with pytest.raises(UserError, match="no test image is of b"):
        coverage(conformal, np.zeros(2, int), np.full((2, 2), 0.5), np.arange(2))


def test_other_number_of_names_is_refused() -> None:
    with pytest.raises(UserError, match="2 classes, and 3 names"):
        fit_conformal(np.array([0, 1]), np.full((2, 2), 0.5), np.arange(2), "abc")
