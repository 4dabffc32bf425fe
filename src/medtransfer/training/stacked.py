"""Images of several data sets as one array."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stacked(arrays: Sequence[NDArray]) -> NDArray:
    """Arrays of images (N x H x W x C, C is 1 or 3) one after another; grey ones get the channels of coloured ones.

    One array stays as it is, a memory map among them.
    """
    if len(arrays) == 1:
        return arrays[0]
    channels = max(array.shape[3] for array in arrays)
    return np.concatenate([np.broadcast_to(array, (*array.shape[:3], channels)) for array in arrays])
