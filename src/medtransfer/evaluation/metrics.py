"""What a confusion matrix says: accuracy, and for each class against the rest sensitivity, specificity and more."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.curves import roc_auc

EPSILON = float(np.finfo(np.float64).eps)
RATES = ("sensitivity", "specificity", "precision", "f1", "roc_auc")


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (N x K) of logits (N x K), without overflow."""
    shifted = np.asarray(logits, np.float64) - np.max(logits, axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def confusion_matrix(actual: NDArray[np.integer], predicted: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """Counts, K x K: a row per actual class, a column per predicted class."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (actual, predicted), 1)
    return counts


def class_rates(confusion: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Sensitivity, specificity, precision and F1 (each K) of every class against the rest.

    A ratio of nothing to nothing (the precision of a class that is never predicted) is 0 by convention.
    """
    counts = confusion.astype(np.float64)
    hit = np.diag(counts)
    missed = counts.sum(axis=1) - hit
    false_alarm = counts.sum(axis=0) - hit
    rest = counts.sum() - hit - missed - false_alarm
    return {
        "sensitivity": _ratio(hit, hit + missed),
        "specificity": _ratio(rest, rest + false_alarm),
        "precision": _ratio(hit, hit + false_alarm),
        "f1": _ratio(2 * hit, 2 * hit + missed + false_alarm),
    }


def log_loss(actual: NDArray[np.integer], probabilities: NDArray[np.floating]) -> float:
    """Mean cross-entropy, in nats, of N predictions (N x K) and their classes; a probability of 0 counts as EPSILON."""
    of_the_actual = np.asarray(probabilities, np.float64)[np.arange(len(actual)), actual]
    return float(-np.log(np.maximum(of_the_actual, EPSILON)).mean())


def scores(actual: NDArray[np.integer], probabilities: NDArray[np.floating], positive: int | None) -> dict[str, object]:
    """Every score of N predictions over K classes (N x K).

    The leading sensitivity, specificity, precision, F1 and AUC are those of the class `positive` (the usual
    reading of a set of two classes), or else the mean over classes. Returns those, accuracy and loss, then
    `per_class` (a list of K), `macro` and the `confusion` counts.
    """
    classes = probabilities.shape[1]
    confusion = confusion_matrix(actual, probabilities.argmax(axis=1), classes)
    rates = class_rates(confusion)
    rates["roc_auc"] = np.array([roc_auc(actual == k, probabilities[:, k]) for k in range(classes)])
    macro = {name: float(values.mean()) for name, values in rates.items()}
    per_class = [{name: float(values[k]) for name, values in rates.items()} for k in range(classes)]
    leading = macro if positive is None else per_class[positive]
    accuracy = float(np.trace(confusion) / confusion.sum())
    return {
        "accuracy": accuracy,
        **leading,
        "loss": log_loss(actual, probabilities),
        "macro": macro,
        "per_class": per_class,
        "confusion": confusion.tolist(),
    }


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
