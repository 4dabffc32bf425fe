"""Grad-CAM (Selvaraju et al. 2017, eq. 1 and 2)."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.base import HeatMap


class GradCAM(HeatMap):
    """Feature maps weighted by their mean gradient, of which the positive part is kept."""

    @staticmethod
    def heat_map(maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rectified sum over channels of each map times its gradient's mean over the map."""
        weights = gradient.mean(axis=(1, 2), keepdims=True)
        return np.maximum((weights * maps).sum(axis=-1), 0)
