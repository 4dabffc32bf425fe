"""The accuracy on test images that have no copy in development."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def copy_free(actual: NDArray[np.integer], predicted: NDArray[np.integer], free: NDArray[np.bool_]) -> dict[str, Any]:
    """Accuracy on the `free` ones of N test images, with its 95 % interval (Wilson 1927), and balanced over classes.

    `balanced` is the mean accuracy of the classes that have a free image. Values are None where no image is free.
    The images differ from the others in more than their copies: what leakage is worth is measured by the leakage
    experiment, not by this number.
    """
    right = predicted == actual
    count = int(free.sum())
    if not count:
        return {"images": 0, "accuracy": None, "interval": None, "balanced": None}
    interval = stats.binomtest(int(right[free].sum()), count).proportion_ci(method="wilson")
    by_class = [right[free & (actual == code)].mean() for code in np.unique(actual[free])]
    return {
        "images": count,
        "accuracy": float(right[free].mean()),
        "interval": [float(interval.low), float(interval.high)],
        "balanced": float(np.mean(by_class)),
    }
