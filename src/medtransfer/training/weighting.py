"""The weight of each class in the loss."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def class_weights(labels: NDArray[np.integer], classes: int, kind: Literal["none", "balanced"]) -> NDArray[np.float32]:
    """A weight per class (K); those of a batch's images are `class_weights(...)[labels]`.

    `balanced` is n / (classes * count), as scikit-learn's, so that each class counts the same and the mean over
    images stays 1. A class without images gets 0 and is not counted among the classes.
    """
    if kind == "none":
        return np.ones(classes, np.float32)
    counts = np.bincount(labels, minlength=classes)
    shares = np.divide(len(labels), counts, out=np.zeros(classes), where=counts > 0)
    return (shares / max(np.count_nonzero(counts), 1)).astype(np.float32)
