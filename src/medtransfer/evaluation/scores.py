"""Every score of a set of predictions, as plain values."""

from typing import Any

import numpy as np

from medtransfer.evaluation.intervals import intervals
from medtransfer.evaluation.means import Values, parts
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.predictions import Predictions, require_every_class
from medtransfer.resampling import Draws


def scores(predictions: Predictions, positive: int | None, draws: Draws | None = None) -> dict[str, Any]:
    """Every score of N predictions over K classes: the fields of `store.records.Scores`.

    Returns a number for each metric: of one that has a value per class, that of the class `positive` (the usual
    reading of a set of two classes), or else the mean over classes. Then `macro` (the means), `weighted` (each class
    weighed by its images), `per_class` (a list of K) and the `confusion` counts; with `draws`, also `intervals`.
    Raises UserError where a class has no image, as its sensitivity and its ROC curve are undefined.
    """
    require_every_class(predictions.actual, range(predictions.classes))
    values = {key: np.asarray(metric.function(predictions), np.float64) for key, metric in METRICS.items()}
    found = parts(values, np.bincount(predictions.actual, minlength=predictions.classes), positive)
    content = _plain(found.leading) | {
        "macro": _plain(found.macro),
        "weighted": _plain(found.weighted),
        "per_class": [_plain(of_class) for of_class in found.per_class],
        "confusion": predictions.confusion.tolist(),
    }
    return content if draws is None else content | {"intervals": intervals(predictions, found, draws, positive)}


def _plain(values: Values) -> dict[str, Any]:
    return {key: float(value) for key, value in values.items()}
