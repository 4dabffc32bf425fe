"""Intervals of shares of images: by the number of images where these are independent, by groups where they are not."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups
from medtransfer.evaluation.resampling import LEVEL, Draws, draw_groups, percentile_interval
from medtransfer.store.interval import Interval

WILSON, WILSON_OF_GROUPS = "Wilson", "Wilson over groups"
BOOTSTRAP = "group bootstrap"


def wilson(hits: int, units: int) -> Interval:
    """The share of hits among independent units, with Wilson's score interval (Wilson 1927); NaN of no unit."""
    from scipy import stats

    if not units:
        return Interval(np.nan, np.nan, np.nan)
    ends = stats.binomtest(hits, units).proportion_ci(LEVEL, method="wilson")
    return Interval(hits / units, float(ends.low), float(ends.high))


def share(
    hits: NDArray[np.bool_], among: NDArray[np.bool_], draws: Draws, values: NDArray[np.floating] | None = None
) -> tuple[Interval, str]:
    """The share of hits among some of N images, and the method of its interval; hits outside of `among` do not count.

    Wilson's where the images are each of another group, and else the bootstrap of groups; NaN where there is no image.
    `values` are the shares of the B resamples, where they are known.
    """
    hits = hits & among
    images, units = int(among.sum()), len(np.unique(draws.code[among]))
    if units == images:
        return wilson(int(hits.sum()), images), WILSON
    if values is None:
        counted, total = draws.sums(hits), draws.sums(among)
        values = np.divide(counted, total, out=np.full(counted.shape, np.nan), where=total > 0)
    return bootstrap_interval(float(hits.sum() / images), values, units)


def bootstrap_interval(value: float, resampled: NDArray[np.floating], units: int) -> tuple[Interval, str]:
    """A share with the percentile interval of B resampled values, or Wilson's over `units` where these do not vary.

    A bootstrap of a share that never varies would have no width, and claim to know for certain what it saw in `units`
    independent groups. NaN among the values are resamples in which the share is undefined.
    """
    interval = percentile_interval(value, resampled)
    if interval.high - interval.low > np.finfo(np.float32).eps:
        return interval, BOOTSTRAP
    ends = wilson(round(value * units), units)
    return Interval(value, ends.low, ends.high), WILSON_OF_GROUPS


def shares(
    hits: NDArray[np.bool_], among: NDArray[np.bool_], groups: Groups, draws: Draws | None = None
) -> list[Interval]:
    """The share of hits among some of N images, for M questions at once: `hits` and `among` are N x M.

    `draws` of the same groups pair the intervals with others.
    """
    draws = draw_groups(groups) if draws is None else draws
    return [share(hit, member, draws)[0] for hit, member in zip(hits.T, among.T, strict=True)]
