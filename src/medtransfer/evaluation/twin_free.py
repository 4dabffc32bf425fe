"""What leakage may be worth: the accuracy on test images that have no twin in development."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def twin_free(
    actual: NDArray[np.integer], predicted: NDArray[np.integer], free: NDArray[np.bool_], classes: list[str]
) -> dict[str, Any]:
    """Accuracy on the `free` ones of N test images, with its 95 % interval (Wilson 1927), and balanced over classes.

    `balanced` is the mean accuracy of the classes that have a free image, `balanced_all` that of the same classes
    over all test images: twins are not spread evenly over classes, so the plain accuracies compare different mixes.
    Values are None where no image is free.
    """
    right = predicted == actual
    count = int(free.sum())
    found: dict[str, Any] = {"images": count, "accuracy": None, "interval": None, "balanced": None}
    found |= {"balanced_all": None}
    found["by_class"] = {name: int((free & (actual == code)).sum()) for code, name in enumerate(classes)}
    if count:
        present = [code for code in range(len(classes)) if (free & (actual == code)).any()]
        interval = stats.binomtest(int(right[free].sum()), count).proportion_ci(method="wilson")
        found |= {"accuracy": float(right[free].mean()), "interval": [float(interval.low), float(interval.high)]}
        found["balanced"] = float(np.mean([right[free & (actual == code)].mean() for code in present]))
        found["balanced_all"] = float(np.mean([right[actual == code].mean() for code in present]))
    return found
