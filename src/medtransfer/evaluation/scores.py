"""Every score of a set of predictions, as plain values."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from medtransfer.evaluation.intervals import intervals, intervals_of_folds
from medtransfer.evaluation.means import Parts, Values, mean, parts
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.predictions import Predictions, require_every_class
from medtransfer.evaluation.resampling import Draws


def scores(predictions: Predictions, positive: int | None, draws: Draws | None = None) -> dict[str, Any]:
    """Every score of N predictions over K classes: the fields of `store.records.Scores`.

    Returns a number for each metric: of one that has a value per class, that of the class `positive` (the usual
    reading of a set of two classes), or else the mean over classes. Then `macro` (the means), `weighted` (each class
    weighed by its images), `per_class` (a list of K) and the `confusion` counts; with `draws`, also `intervals`.
    Raises UserError where a class has no image, as its sensitivity and its ROC curve are undefined.
    """
    points = _points(predictions, positive)
    content = _content(points) | {"confusion": predictions.confusion.tolist()}
    return content if draws is None else content | {"intervals": intervals(predictions, points, draws, positive)}


def scores_of_folds(each: Sequence[Predictions], positive: int | None, draws: Draws) -> dict[str, Any]:
    """The same: the mean over the models of all folds, on the same images; `confusion` is the sum over folds."""
    points = mean([_points(predictions, positive) for predictions in each])
    confusion = np.sum([predictions.confusion for predictions in each], axis=0)
    bounds = intervals_of_folds(each, points, draws, positive)
    return _content(points) | {"confusion": confusion.tolist(), "intervals": bounds}


def leading(predictions: Predictions, positive: int | None) -> dict[str, float]:
    """The numbers for each metric alone."""
    return _plain(_points(predictions, positive).leading)


def _points(predictions: Predictions, positive: int | None) -> Parts:
    require_every_class(predictions.actual, range(predictions.classes))
    values = {key: np.asarray(metric.function(predictions), np.float64) for key, metric in METRICS.items()}
    return parts(values, np.bincount(predictions.actual, minlength=predictions.classes), positive)


def _content(points: Parts) -> dict[str, Any]:
    return _plain(points.leading) | {
        "macro": _plain(points.macro),
        "weighted": _plain(points.weighted),
        "per_class": [_plain(of_class) for of_class in points.per_class],
    }


def _plain(values: Values) -> dict[str, Any]:
    return {key: float(value) for key, value in values.items()}
