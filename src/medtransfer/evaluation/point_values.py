"""Scores of one set of predictions: what METRICS has beside each title. By scikit-learn wherever it has the score.

Each function takes N predictions over K classes and returns a number or, of a score per class, K numbers: each class
against the rest. A ratio of nothing to nothing, such as the PPV of a class that is never predicted, is 0.
scikit-learn is imported where it is called: tables need the titles alone, and it is slow to load.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.predictions import Predictions
from medtransfer.settings.errors import UserError

BINS = 15  # as Guo et al. 2017
Numbers = NDArray[np.float64]


def accuracy(predictions: Predictions) -> float:
    """Share of images that are predicted right."""
    from sklearn import metrics

    return metrics.accuracy_score(predictions.actual, predictions.predicted)


def balanced_accuracy(predictions: Predictions) -> float:
    """Mean sensitivity of the classes (Brodersen et al. 2010)."""
    from sklearn import metrics

    return metrics.balanced_accuracy_score(predictions.actual, predictions.predicted)


def of_classes(name: str) -> Callable[[Predictions], Numbers]:
    """One of scikit-learn's scores of each class against the rest, by the name of its function."""

    def function(predictions: Predictions) -> Numbers:
        from sklearn import metrics

        score, classes = getattr(metrics, name), range(predictions.classes)
        return score(predictions.actual, predictions.predicted, labels=classes, average=None, zero_division=0)

    return function


def of_the_rest(name: str) -> Callable[[Predictions], list[float]]:
    """The same score of all other classes together: specificity is the sensitivity of the rest, NPV its PPV."""

    def function(predictions: Predictions) -> list[float]:
        from sklearn import metrics

        actual, predicted = ~predictions.is_actual.T, ~predictions.is_predicted.T
        return [getattr(metrics, name)(*pair, zero_division=0) for pair in zip(actual, predicted, strict=True)]

    return function


def of_ranks(name: str) -> Callable[[Predictions], list[float]]:
    """One of scikit-learn's scores of each class's probability against the rest. Raises UserError: see `both`."""

    def function(predictions: Predictions) -> list[float]:
        from sklearn import metrics

        columns = zip(predictions.is_actual.T, predictions.probabilities.T, strict=True)
        return [getattr(metrics, name)(both(actual), score) for actual, score in columns]

    return function


def both(positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What it is given. Raises UserError where all images are of the class, or none."""
    if positive.all() or not positive.any():
        raise UserError(
            f"{int(positive.sum())} of {len(positive)} images are of the class: its ROC curve needs images of it, "
            "and of another"
        )
    return positive


def matthews(predictions: Predictions) -> float:
    """Correlation of actual and predicted class, -1..1 (Gorodkin 2004); 0 where one class alone is predicted."""
    from sklearn import metrics

    return metrics.matthews_corrcoef(predictions.actual, predictions.predicted)


def kappa(predictions: Predictions) -> float:
    """Agreement beyond chance, -1..1 (Cohen 1960); 0 where chance alone agrees wholly."""
    from sklearn import metrics

    classes = range(predictions.classes)
    actual, predicted = predictions.actual, predictions.predicted
    return metrics.cohen_kappa_score(actual, predicted, labels=classes, replace_undefined_by=0.0)


def log_loss(predictions: Predictions) -> float:
    """Mean cross-entropy, in nats; a probability of 0 counts as 2.2e-16."""
    from sklearn import metrics

    return metrics.log_loss(predictions.actual, _adding_up(predictions), labels=range(predictions.classes))


def brier(predictions: Predictions) -> float:
    """Squared error of the probabilities, summed over classes: 0..2 (Brier 1950).

    Of two classes half of it: the squared error of either class's probability, 0..1.
    """
    from sklearn import metrics

    classes = predictions.classes
    return metrics.brier_score_loss(
        predictions.actual, _adding_up(predictions), labels=range(classes), scale_by_half=classes == 2
    )


def cost(predictions: Predictions) -> float:
    """Mean cost of an image, by the costs of errors: the share of errors where each costs 1."""
    return float(costs_of_images(predictions).mean())


def calibration_error(predictions: Predictions) -> float:
    """Expected calibration error: mean distance between confidence and accuracy, over 15 bins of equal width.

    Confidence is the probability of the predicted class (Guo et al. 2017, section 2). With few images chance alone
    makes it larger than 0.
    """
    inside, gap = calibration_bins(predictions)
    return float(np.abs(gap @ inside).sum() / len(gap))


def maximum_calibration_error(predictions: Predictions) -> float:
    """Maximum calibration error: the distance in the worst of the bins that have an image (Guo et al. 2017)."""
    inside, gap = calibration_bins(predictions)
    filled = inside[:, inside.any(axis=0)]
    return float(np.abs(gap @ filled / filled.sum(axis=0)).max())


def calibration_bins(predictions: Predictions) -> tuple[NDArray[np.bool_], Numbers]:
    """Which bin of confidence each image is in (N x 15), and whether it is predicted right less its confidence (N)."""
    confidence = predictions.probabilities[np.arange(len(predictions.actual)), predictions.predicted]
    return bins_of(confidence), (predictions.actual == predictions.predicted) - confidence


def bins_of(confidence: Numbers) -> NDArray[np.bool_]:
    """Which of 15 bins of equal width each of N confidences is in: N x 15; one on an edge is in the bin below."""
    edges = np.linspace(0, 1, BINS + 1)[1:-1]
    return np.searchsorted(edges, confidence)[:, None] == np.arange(BINS)


def costs_of_images(predictions: Predictions) -> Numbers:
    """N."""
    return predictions.costs[predictions.actual, predictions.predicted]


def log_losses(predictions: Predictions) -> Numbers:
    """N."""
    smallest = np.finfo(np.float64).eps
    chances = _adding_up(predictions)[np.arange(len(predictions.actual)), predictions.actual]
    return -np.log(np.clip(chances, smallest, 1 - smallest))


def squared_errors(predictions: Predictions) -> Numbers:
    """N: summed over classes; of two classes, half of it."""
    total = ((_adding_up(predictions) - predictions.is_actual) ** 2).sum(axis=1)
    return total / 2 if predictions.classes == 2 else total


def _adding_up(predictions: Predictions) -> Numbers:
    """The probabilities (N x K), whose rows add up to 1 to the last digit: float32 ones do not."""
    return predictions.probabilities / predictions.probabilities.sum(axis=1, keepdims=True)
