"""The paired bootstrap over groups: the difference of any metric between two models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.resampling import Interval, percentile_interval
from medtransfer.settings.errors import UserError

Resampled = NDArray[np.floating]  # B: a metric's value in every resample


@dataclass(frozen=True)
class BootstrapDifference:
    """A metric's difference a - b."""

    difference: Interval
    p: float | None  # two-sided; None where no resample has a value
    resamples: int  # that have a value of both models


def bootstrap_difference(a: float, b: float, resampled_a: Resampled, resampled_b: Resampled) -> BootstrapDifference:
    """The difference of two point values with the percentile interval of its B resampled values.

    Both models' values are of the same draws, which pairs them. p is the smallest level at which the percentile
    interval leaves 0 out, up to one resample: twice the smaller share of resampled differences on one side of 0, or
    at it, each count and B raised by one (Davison and Hinkley 1997, chapter 4), so it is never 0.
    Resamples in which a value is NaN are left out. Raises UserError where a point value is NaN or the draws differ.
    """
    if np.isnan(a) or np.isnan(b):
        raise UserError("A metric is not a number for one of two models, so their difference is none either.")
    if len(resampled_a) != len(resampled_b):
        raise UserError("Two models have other numbers of resamples; evaluate both again, then compare.")
    differences = resampled_a - resampled_b
    interval = percentile_interval(a - b, differences)
    defined = differences[~np.isnan(differences)]
    if not len(defined):
        return BootstrapDifference(interval, None, 0)
    beyond = min((defined <= 0).sum(), (defined >= 0).sum())
    return BootstrapDifference(interval, min(1.0, float(2 * (beyond + 1) / (len(defined) + 1))), len(defined))
