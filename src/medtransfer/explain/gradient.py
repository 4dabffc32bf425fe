"""Gradient saliency (Simonyan et al. 2014, section 3.1): what Rafiq et al. (2022, 4.1.2) call the gradient tape."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.base import HeatMap


class GradientSaliency(HeatMap):
    """How much a logit would change with each pixel, in either direction."""

    @staticmethod
    def heat_map(maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """The largest magnitude over colour channels of the gradient with respect to each pixel."""
        return np.abs(gradient).max(axis=-1)
