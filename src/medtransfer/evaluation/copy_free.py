"""The accuracy on test images that have no copy in development."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def copy_free(actual: NDArray[np.integer], predicted: NDArray[np.integer], free: NDArray[np.bool_]) -> dict[str, Any]:
    """Accuracy on the `free` ones of N test images, with its 95 % interval (Wilson 1927), and balanced over classes.

    `balanced` is the mean accuracy of the classes that have a free image. Values are None where no image is free.
    The images differ from the others in more than their copies: what leakage is worth is measured by the leakage
    experiment, not by this number.
    """
    from scipy import stats
    from sklearn import metrics

    if not free.any():
        return {"images": 0, "accuracy": None, "interval": None, "balanced": None}
    actual, predicted = actual[free], predicted[free]
    right = int((predicted == actual).sum())
    interval = stats.binomtest(right, len(actual)).proportion_ci(method="wilson")
    balanced = metrics.recall_score(actual, predicted, labels=np.unique(actual), average="macro", zero_division=0)
    return {
        "images": len(actual),
        "accuracy": right / len(actual),
        "interval": [float(interval.low), float(interval.high)],
        "balanced": float(balanced),
    }
