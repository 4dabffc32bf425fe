"""Predictions of a model that does not exist, for tests of what is made of them."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.calibration import scaled

Simulated = tuple[NDArray[np.int64], NDArray[np.float64]]


def calibrated(rng: np.random.Generator, images: int, classes: int = 2) -> Simulated:
    """Classes that are drawn from the probabilities that the logits stand for, and these logits (N x K)."""
    logits = rng.normal(scale=1.5, size=(images, classes))
    chosen = (scaled(logits, 1).cumsum(axis=1) < rng.random((images, 1))).sum(axis=1)
    return np.minimum(chosen, classes - 1), logits


def probabilities_of(score: NDArray[np.floating]) -> NDArray[np.float64]:
    """N x 2 from the probability of the second class."""
    return np.stack([1 - score, score], axis=1)
