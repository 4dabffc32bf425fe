"""Every row of METRICS: against another implementation, and by what holds for any score of predictions."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.inter_rater import cohens_kappa

from medtransfer.evaluation.metrics import METRICS, by_printed_name, roc_curve
from medtransfer.evaluation.predictions import Predictions
from medtransfer.evaluation.scores import scores
from medtransfer.settings.errors import UserError
from tests.evaluation.drawn import predictions

Number = float | NDArray[np.float64]


def of_classes(score: Callable[..., float], soft: bool = False) -> Callable[[Predictions], NDArray[np.float64]]:
    """A score of scikit-learn's, of one class against the rest at a time."""

    def function(drawn: Predictions) -> NDArray[np.float64]:
        columns = drawn.probabilities if soft else drawn.predicted[:, None] == np.arange(drawn.classes)
        return np.array([score(drawn.actual == code, columns[:, code]) for code in range(drawn.classes)])

    return function


def of_rest(part: int) -> Callable[[Predictions], NDArray[np.float64]]:
    """True negatives among the actual (0) or the predicted (1) ones, by scikit-learn's confusion matrices."""

    def function(drawn: Predictions) -> NDArray[np.float64]:
        counts = metrics.multilabel_confusion_matrix(drawn.actual, drawn.predicted, labels=range(drawn.classes))
        whole = counts.sum(axis=2 - part)[:, 0]
        return np.divide(counts[:, 0, 0], whole, out=np.zeros(drawn.classes), where=whole > 0)

    return function


def calibration_gaps(drawn: Predictions) -> tuple[NDArray, NDArray]:
    """Of the bins that have an image: images, and distance between confidence and accuracy."""
    confidence = np.take_along_axis(drawn.probabilities, drawn.predicted[:, None], 1)[:, 0]
    right, told = calibration_curve(drawn.actual == drawn.predicted, confidence, n_bins=15)
    images = np.bincount(np.ceil(np.round(confidence * 15, 9)).astype(int).clip(1))
    return images[images > 0], np.abs(right - told)


def expected_calibration_error(drawn: Predictions) -> float:
    images, gaps = calibration_gaps(drawn)
    return float(np.average(gaps, weights=images))


def brier(drawn: Predictions) -> float:
    of_class = sum(of_classes(metrics.brier_score_loss, soft=True)(drawn))
    return of_class / 2 if drawn.classes == 2 else of_class


def kappa(drawn: Predictions) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cohens_kappa(drawn.confusion, return_results=False)


def log_loss(drawn: Predictions) -> float:
    chances = [row[code] for code, row in zip(drawn.actual, drawn.probabilities, strict=True)]
    return sum(-np.log(max(chance, 2.0**-52)) for chance in chances) / len(chances)


def matthews(drawn: Predictions) -> float:
    """Pearson's correlation of the two tables of a column per class (Gorodkin 2004)."""
    predicted, true = (np.eye(drawn.classes)[codes] for codes in (drawn.predicted, drawn.actual))
    covariance = [[((a - a.mean(0)) * (b - b.mean(0))).sum() for a in (predicted, true)] for b in (predicted, true)]
    return covariance[0][1] / np.sqrt(covariance[0][0] * covariance[1][1]) if covariance[0][0] else 0.0


RECALL = of_classes(lambda actual, predicted: metrics.recall_score(actual, predicted, zero_division=0))
EXPECTED: dict[str, Callable[[Predictions], Number]] = {
    "accuracy": lambda drawn: np.trace(drawn.confusion) / drawn.confusion.sum(),
    "balanced_accuracy": lambda drawn: RECALL(drawn).mean(),
    "sensitivity": RECALL,
    "specificity": of_rest(0),
    "precision": of_classes(lambda actual, predicted: metrics.precision_score(actual, predicted, zero_division=0)),
    "npv": of_rest(1),
    "f1": of_classes(lambda actual, predicted: metrics.f1_score(actual, predicted, zero_division=0)),
    "roc_auc": lambda drawn: np.array(
        [metrics.auc(*roc_curve(drawn.actual, drawn.probabilities, code)) for code in range(drawn.classes)]
    ),
    "average_precision": of_classes(metrics.average_precision_score, soft=True),
    "matthews": matthews,
    "kappa": kappa,
    "loss": log_loss,
    "brier": brier,
    "calibration_error": expected_calibration_error,
    "maximum_calibration_error": lambda drawn: calibration_gaps(drawn)[1].max(),
    "cost": lambda drawn: (drawn.confusion * drawn.costs).sum() / len(drawn.actual),
}


@given(drawn=predictions())
@settings(max_examples=15)
def test_every_metric_is_what_another_implementation_gives(drawn: Predictions) -> None:
    assert EXPECTED.keys() == METRICS.keys(), "write into EXPECTED what another implementation gives"
    for key, metric in METRICS.items():
        np.testing.assert_allclose(metric.function(drawn), EXPECTED[key](drawn), atol=1e-9, err_msg=key)


@given(drawn=predictions())
@settings(max_examples=6)
def test_is_a_number_or_one_per_class_and_certainty_of_the_truth_is_best(drawn: Predictions) -> None:
    drawn = replace(drawn, costs=1 - np.eye(drawn.classes))
    truth = Predictions.of(drawn.actual, np.eye(drawn.classes)[drawn.actual])
    for key, metric in METRICS.items():
        values, best = np.asarray(metric.function(drawn)), np.asarray(metric.function(truth))
        assert values.shape == ((drawn.classes,) if metric.per_class else ()), key
        assert np.isfinite(values).all(), key
        better = best >= values - 1e-12 if metric.higher_is_better else best <= values + 1e-12
        assert better.all(), key


@pytest.mark.parametrize("key", METRICS)
def test_depends_neither_on_the_order_of_images_nor_on_that_of_classes(key: str, rng: np.random.Generator) -> None:
    drawn = Predictions.of(np.arange(20) % 3, rng.dirichlet([1, 1, 1], 20))
    images, classes = rng.permutation(20), rng.permutation(3)
    metric = METRICS[key]
    expected = np.asarray(metric.function(drawn))
    renumbered = Predictions.of(np.argsort(classes)[drawn.actual[images]], drawn.probabilities[images][:, classes])
    np.testing.assert_allclose(metric.function(renumbered), expected[classes] if metric.per_class else expected)


def test_rows_of_the_confusion_matrix_are_actual_classes() -> None:
    told = Predictions.of([0, 0, 1], np.eye(3)[[2, 0, 1]])
    assert told.confusion.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


@given(drawn=predictions())
@settings(max_examples=25)
def test_roc_curve_has_a_point_for_each_threshold(drawn: Predictions) -> None:
    score, positive = drawn.probabilities[:, 0], drawn.actual == 0
    thresholds = [np.inf, *sorted(set(score.tolist()), reverse=True)]
    false, true = roc_curve(drawn.actual, drawn.probabilities, 0)
    np.testing.assert_allclose(false, [(score[~positive] >= threshold).mean() for threshold in thresholds])
    np.testing.assert_allclose(true, [(score[positive] >= threshold).mean() for threshold in thresholds])


@pytest.mark.parametrize("actual", [[0, 0], [1, 1]])
def test_one_class_alone_is_refused(actual: list[int]) -> None:
    told = Predictions.of(actual, np.full((2, 2), 0.5))
    with pytest.raises(UserError, match=f"none of the 2 images to be scored is of class {1 - actual[0]}"):
        scores(told, None)
    with pytest.raises(UserError, match="images of it, and of another"):
        roc_curve(told.actual, told.probabilities, 0)


def test_leading_scores_are_of_the_positive_class_or_the_mean_over_classes(rng: np.random.Generator) -> None:
    told = Predictions.of(np.arange(50) % 4 % 3, rng.dirichlet([1, 1, 1], 50))
    averaged, leading = scores(told, None), scores(told, 2)
    for key, metric in METRICS.items():
        value = metric.function(told)
        if metric.per_class:
            assert averaged[key] == averaged["macro"][key] == pytest.approx(np.mean(value))
            assert leading[key] == leading["per_class"][2][key] == value[2]
            weighted = np.average(value, weights=np.bincount(told.actual))
            assert averaged["weighted"][key] == leading["weighted"][key] == pytest.approx(weighted)
        else:
            assert averaged[key] == leading[key] == value
    assert averaged["per_class"] == leading["per_class"]
    assert averaged["weighted"]["sensitivity"] == pytest.approx(averaged["accuracy"])


def test_titles_and_names_are_of_one_metric_each() -> None:
    names = [name for key, metric in METRICS.items() for name in {key, *metric.other_names}]
    assert len(by_printed_name()) == len(names)
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)
