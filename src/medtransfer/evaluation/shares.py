"""Intervals of shares of images: by the number of images where these are independent, by groups where they are not."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups
from medtransfer.resampling import LEVEL, Draws, draw_groups, percentile_interval
from medtransfer.store.interval import Interval


def wilson(hits: int, units: int) -> Interval:
    """The share of hits among independent units, with Wilson's score interval (Wilson 1927); NaN of no unit."""
    from scipy import stats

    if not units:
        return Interval(np.nan, np.nan, np.nan)
    ends = stats.binomtest(hits, units).proportion_ci(LEVEL, method="wilson")
    return Interval(hits / units, float(ends.low), float(ends.high))


def bootstrap_interval(value: float, resampled: NDArray[np.floating], units: int) -> Interval:
    """A share with the percentile interval of B resampled values, or Wilson's over `units` where these do not vary.

    A bootstrap of a share that never varies would have no width, and claim to know for certain what it saw in `units`
    independent groups. NaN among the values are resamples in which the share is undefined.
    """
    interval = percentile_interval(value, resampled)
    if interval.high - interval.low > np.finfo(np.float32).eps:
        return interval
    ends = wilson(round(value * units), units)
    return Interval(value, ends.low, ends.high)


def shares(
    hits: NDArray[np.bool_], among: NDArray[np.bool_], groups: Groups, draws: Draws | None = None
) -> list[Interval]:
    """The share of hits among some of N images, for M questions at once.

    `hits` and `among` are N x M; a hit outside of `among` does not count. A question's interval is Wilson's where its
    images are each of another group, and else the bootstrap of groups; NaN where it has no image. `draws` of the same
    groups pair the intervals with others.
    """
    hits = hits & among
    draws = draw_groups(groups) if draws is None else draws
    counted, total = draws.sums(hits.astype(np.float64)), draws.sums(among.astype(np.float64))
    resampled = np.divide(counted, total, out=np.full(counted.shape, np.nan), where=total > 0)
    intervals = []
    for hit, member, values in zip(hits.T, among.T, resampled.T, strict=True):
        images, units = int(member.sum()), len(np.unique(draws.code[member]))
        if units == images:
            intervals.append(wilson(int(hit.sum()), images))
        else:
            intervals.append(bootstrap_interval(float(hit.sum() / images), values, units))
    return intervals
