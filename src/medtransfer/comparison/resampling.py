"""Intervals for differences between models that are tested on the same images, by resampling groups of images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def mean_by_groups(values: NDArray, groups: NDArray, seed: int = 0) -> Interval:
    """The mean of N values and its percentile interval, from a bootstrap that draws whole groups.

    Values of one group (copies of a picture, slices of a patient, repeats of an image) vary together, so the groups are
    what is drawn with replacement; the mean of a draw weighs each group by its number of values (Field and Welsh 2007,
    the cluster bootstrap). Raises ValueError where there is no value.
    """
    if not len(values):
        raise ValueError("no values to resample")
    _, code = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(code, weights=values), np.bincount(code)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    means = (drawn @ sums) / (drawn @ counts)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(np.mean(values)), float(low), float(high))
