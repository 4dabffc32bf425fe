"""Accuracy with its 95 % interval."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.intervals import of_proportion
from medtransfer.resampling import draw_groups
from medtransfer.store.interval import Interval


def accuracy(right: NDArray[np.bool_], groups: NDArray) -> Interval:
    """The share of N images that are predicted right; `groups` has a name or a number for each image.

    The interval is that of every proportion: see `intervals`. Raises ValueError where there is no image.
    """
    bounds = of_proportion(right, np.ones(len(right), dtype=bool), draw_groups(groups))
    if bounds is None:
        raise ValueError("there is no accuracy of no image")
    return Interval(float(right.mean()), *bounds[:2])
