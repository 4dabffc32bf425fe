"""Scores that are a proportion of images: which images count, and which of these are right.

Each function takes N predictions over K classes and returns two arrays of the same shape, N or N x K for a score of
each class against the rest: successes and trials. Successes are among the trials.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.predictions import Predictions

Counted = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def right(predictions: Predictions) -> Counted:
    """Accuracy: of all images, those that are predicted right."""
    return predictions.actual == predictions.predicted, np.ones(len(predictions.actual), dtype=bool)


def of_actual(predictions: Predictions) -> Counted:
    """Sensitivity: of the images of a class, those that are said to be."""
    return predictions.is_actual & predictions.is_predicted, predictions.is_actual


def of_predicted(predictions: Predictions) -> Counted:
    """PPV: of the images that are said to be of a class, those that are."""
    return predictions.is_actual & predictions.is_predicted, predictions.is_predicted


def of_the_rest(proportion: Callable[[Predictions], Counted]) -> Callable[[Predictions], Counted]:
    """The same of all other classes together: specificity is the sensitivity of the rest, NPV its PPV."""

    def function(predictions: Predictions) -> Counted:
        _, trials = proportion(predictions)
        return ~predictions.is_actual & ~predictions.is_predicted, ~trials

    return function
