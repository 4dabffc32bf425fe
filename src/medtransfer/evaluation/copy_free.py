"""The accuracy on the test images that have no copy in development."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.evaluation.predictions import Predictions


def copy_free(predictions: Predictions, free: NDArray[np.bool_], groups: NDArray) -> dict[str, Any]:
    """Accuracy on the `free` ones of N test images, with its 95 % interval by `groups` (N); None where none is free.

    The images differ from the others in more than their copies: what leakage is worth is measured by the leakage
    experiment, not by this number.
    """
    if not free.any():
        return {"images": 0, "accuracy": None, "interval": None}
    share = accuracy(predictions.predicted[free] == predictions.actual[free], groups[free])
    return {"images": int(free.sum()), "accuracy": share.value, "interval": [share.low, share.high]}
