"""The ROC curve and the area under it, from scores and truths."""

import numpy as np
from numpy.typing import NDArray


def roc_points(
    positive: NDArray[np.bool_], score: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates, from (0, 0) to (1, 1), a point per distinct score, the highest first.

    Needs positives and negatives; without either, ValueError.
    """
    if positive.all() or not positive.any():
        raise ValueError("an ROC curve needs both positives and negatives")
    order = np.argsort(-score, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    true = np.cumsum(positive[order])[last_of_score]
    false = last_of_score + 1 - true
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])


def roc_auc(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """The area under the ROC curve: the chance that a positive scores above a negative, ties counting half."""
    false, true = roc_points(positive, score)
    return float(np.trapezoid(true, false))
