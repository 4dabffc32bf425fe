"""The accuracy on test images that have no copy in development."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.evaluation.predictions import Predictions


def copy_free(predictions: Predictions, free: NDArray[np.bool_], groups: NDArray) -> dict[str, Any]:
    """Accuracy on the `free` ones of N test images, with its 95 % interval by `groups` (N), and balanced over classes.

    `balanced` is the mean accuracy of the classes that have a free image. Values are None where no image is free.
    The images differ from the others in more than their copies: what leakage is worth is measured by the leakage
    experiment, not by this number.
    """
    from sklearn import metrics

    if not free.any():
        return {"images": 0, "accuracy": None, "interval": None, "balanced": None}
    actual, predicted = predictions.actual[free], predictions.predicted[free]
    right = predicted == actual
    interval = accuracy(right, groups[free])
    balanced = metrics.recall_score(actual, predicted, labels=np.unique(actual), average="macro", zero_division=0)
    return {
        "images": len(actual),
        "accuracy": interval.value,
        "interval": [interval.low, interval.high],
        "balanced": float(balanced),
    }
