"""METRICS: every score of predictions, one row each. All that computes, shows or compares scores reads this table.

To add a metric, add its row. scikit-learn is imported where it is called: tables need the titles alone, and it is slow
to load.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer]  # N: the number of each image's class, 0..K-1
Probabilities = NDArray[np.floating]  # N x K: rows add up to 1
Place = Literal["architectures", "comparison", "headline"]
EVERYWHERE = frozenset[Place]({"architectures", "comparison", "headline"})


@dataclass(frozen=True)
class Metric:
    """One score. A metric per class also has a column in the tables of single classes."""

    title: str
    function: Callable[[Codes, Probabilities], Any]  # a number, or K numbers: each class against the rest
    per_class: bool = False
    higher_is_better: bool = True
    shown: frozenset[Place] = EVERYWHERE  # table of architectures, tests between models, `dvc metrics diff`
    unit: str = ""  # of a metric that is no share
    other_names: tuple[str, ...] = ()  # that papers print it under


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (N x K) of logits (N x K), without overflow."""
    from scipy import special

    return special.softmax(np.asarray(logits, np.float64), axis=1)


def confusion_matrix(actual: Codes, probabilities: Probabilities) -> NDArray[np.int64]:
    """Counts, K x K: a row per actual class, a column per predicted class."""
    from sklearn import metrics

    classes = range(probabilities.shape[1])
    return metrics.confusion_matrix(actual, probabilities.argmax(axis=1), labels=classes)


def roc_curve(
    actual: Codes, probabilities: Probabilities, code: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates of a class against the rest, from (0, 0) to (1, 1), a point per distinct score.

    Raises ValueError where every image is of the class, or none.
    """
    from sklearn import metrics

    positive = _both(actual == code)
    false, true, _ = metrics.roc_curve(positive, probabilities[:, code], drop_intermediate=False)
    return false, true


def scores(actual: Codes, probabilities: Probabilities, positive: int | None) -> dict[str, Any]:
    """Every score of N predictions over K classes.

    Returns a number for each metric: of one that has a value per class, that of the class `positive` (the usual
    reading of a set of two classes), or else the mean over classes. Then `macro` (the means), `per_class` (a list of K)
    and the `confusion` counts. A ratio of nothing to nothing, such as the precision of a class that is never predicted,
    is 0. Raises ValueError where a class has no image, as its ROC curve is undefined.
    """
    values = {key: metric.function(actual, probabilities) for key, metric in METRICS.items()}
    by_class = {key: np.asarray(value) for key, value in values.items() if METRICS[key].per_class}
    macro = {key: float(value.mean()) for key, value in by_class.items()}
    per_class = [{key: float(value[code]) for key, value in by_class.items()} for code in range(probabilities.shape[1])]
    leading = macro if positive is None else per_class[positive]
    return {key: leading[key] if key in leading else float(value) for key, value in values.items()} | {
        "macro": macro,
        "per_class": per_class,
        "confusion": confusion_matrix(actual, probabilities).tolist(),
    }


def shown_in(place: Place) -> dict[str, Metric]:
    """The metrics that are shown there, by key, in the order of the table."""
    return {key: metric for key, metric in METRICS.items() if place in metric.shown}


def by_printed_name() -> dict[str, str]:
    """The key of a metric for each name that a paper may print it under, its key included."""
    return {name: key for key, metric in METRICS.items() for name in (key, *metric.other_names)}


def _both(positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if positive.all() or not positive.any():
        raise ValueError("an ROC curve needs both positives and negatives")
    return positive


def _accuracy(actual: Codes, probabilities: Probabilities) -> float:
    from sklearn import metrics

    return metrics.accuracy_score(actual, probabilities.argmax(axis=1))


def _of_classes(name: str) -> Callable[[Codes, Probabilities], NDArray[np.float64]]:
    """One of scikit-learn's scores of each class against the rest, by the name of its function."""

    def function(actual: Codes, probabilities: Probabilities) -> NDArray[np.float64]:
        from sklearn import metrics

        classes = range(probabilities.shape[1])
        predicted = probabilities.argmax(axis=1)
        return getattr(metrics, name)(actual, predicted, labels=classes, average=None, zero_division=0)

    return function


def _specificity(actual: Codes, probabilities: Probabilities) -> list[float]:
    """The sensitivity of the rest."""
    from sklearn import metrics

    predicted = probabilities.argmax(axis=1)
    return [
        metrics.recall_score(actual != code, predicted != code, zero_division=0)
        for code in range(probabilities.shape[1])
    ]


def _roc_auc(actual: Codes, probabilities: Probabilities) -> list[float]:
    from sklearn import metrics

    return [
        metrics.roc_auc_score(_both(actual == code), probabilities[:, code]) for code in range(probabilities.shape[1])
    ]


def _loss(actual: Codes, probabilities: Probabilities) -> float:
    """Mean cross-entropy, in nats; a probability of 0 counts as 2.2e-16."""
    from sklearn import metrics

    return metrics.log_loss(actual, np.asarray(probabilities, np.float64), labels=range(probabilities.shape[1]))


METRICS: dict[str, Metric] = {
    "accuracy": Metric("accuracy", _accuracy),
    "sensitivity": Metric("sensitivity", _of_classes("recall_score"), per_class=True, other_names=("recall",)),
    "specificity": Metric("specificity", _specificity, per_class=True),
    "precision": Metric(
        "precision", _of_classes("precision_score"), per_class=True, shown=frozenset[Place]({"headline"})
    ),
    "f1": Metric("F1", _of_classes("f1_score"), per_class=True),
    "roc_auc": Metric("AUC", _roc_auc, per_class=True),
    "loss": Metric(
        "loss",
        _loss,
        higher_is_better=False,
        shown=frozenset[Place]({"architectures", "headline"}),
        unit="nats",
    ),
}
