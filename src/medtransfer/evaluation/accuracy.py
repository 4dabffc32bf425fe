"""Accuracy with its 95 % interval."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.shares import shares
from medtransfer.store.interval import Interval


def accuracy(right: NDArray[np.bool_], groups: NDArray) -> Interval:
    """The share of N images that are predicted right; `groups` has a name or a number for each image.

    The interval is that of every share: see `shares`. Raises ValueError where there is no image.
    """
    return shares(right[:, np.newaxis], np.ones((len(right), 1), dtype=bool), groups)[0]
