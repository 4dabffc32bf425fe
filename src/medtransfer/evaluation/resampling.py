"""Intervals by resampling whole groups of images: patients, or pictures with their copies.

Images of one group are alike, so an interval that counts images is too narrow; groups are what is drawn with
replacement (the cluster bootstrap, Field and Welsh 2007).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medtransfer.store.interval import Interval as Interval

RESAMPLES = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Draws:
    """B resamples of the groups of N images."""

    code: NDArray[np.integer]  # N: the number of each image's group, 0..G-1
    counts: NDArray[np.int64]  # B x G: how often each group is drawn

    def sums(self, values: NDArray) -> NDArray:
        """The sum of N values (or of each column of N x K) over the images of each resample: B, or B x K."""
        by_group = np.zeros((self.counts.shape[1], *values.shape[1:]), np.result_type(values, np.int64))
        np.add.at(by_group, self.code, values)
        return self.counts @ by_group

    def of_images(self, rows: slice = slice(None)) -> NDArray[np.int64]:
        """How often each image stands in each resample (of those in `rows`): B x N."""
        return self.counts[rows][:, self.code]


def draw_groups(groups: NDArray, resamples: int = RESAMPLES, seed: int = 0) -> Draws:
    """Draws as many groups as there are, with replacement; `groups` has a name or a number for each image.

    The same groups and seed give the same draws, so that what two models score on the same images can be paired.
    Raises ValueError where there is no image.
    """
    if not len(groups):
        raise ValueError("no values to resample")
    names, code = np.unique(groups, return_inverse=True)
    return Draws(code, _counts(len(names), resamples, seed))


@lru_cache(maxsize=2)  # the scores of one test set ask for the same draws a dozen times
def _counts(groups: int, resamples: int, seed: int) -> NDArray[np.int64]:
    counts = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    counts.setflags(write=False)
    return counts


def percentile_interval(value: float, resampled: NDArray[np.floating]) -> Interval:
    """The value with the 2.5th and the 97.5th percentile of its B resampled values; NaN among these are left out.

    Both ends are NaN where no resample has a value.
    """
    defined = resampled[~np.isnan(resampled)]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(defined, tails) if len(defined) else (np.nan, np.nan)
    return Interval(float(value), float(low), float(high))


def mean_by_groups(values: NDArray, groups: NDArray, seed: int = 0) -> Interval:
    """The mean of N values and its percentile interval; a draw weighs each group by its number of values.

    Raises ValueError where there is no value.
    """
    draws = draw_groups(groups, seed=seed)
    return percentile_interval(float(np.mean(values)), draws.sums(values) / draws.sums(np.ones(len(values))))
