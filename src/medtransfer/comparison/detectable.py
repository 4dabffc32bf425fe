"""The difference that so many folds and images could have seen: with 80 % power in a two-sided test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.folds import PairedScores
from medtransfer.comparison.mcnemar import Right
from medtransfer.comparison.significance import LEVEL

POWER = 0.8


@dataclass(frozen=True)
class Detectable:
    """The smallest true difference that would be seen in 80 of 100 repetitions."""

    difference: float | None  # in units of the metric; None where no difference could be seen
    approximation: str  # what the number rests on


def detectable_over_folds(scores: PairedScores, corrected: bool = False, level: float = LEVEL) -> Detectable:
    """Of the paired t-test, or the corrected one, by the noncentral t; the deviation is the one that was seen.

    For a family of m pairs, `level` 0.05 / m is that of Holm's first step.
    """
    from statsmodels.stats.power import TTestPower

    folds = len(scores.a)
    if not scores.deviation:
        return Detectable(None, "Every fold differs by the same amount, so the spread is unknown.")
    effect = TTestPower().solve_power(effect_size=None, nobs=folds, alpha=level, power=POWER)
    widening = (1 + folds * scores.ratio) ** 0.5 if corrected else 1.0
    assumed = "folds correlated by their share of test images" if corrected else "independent folds"
    return Detectable(
        float(effect) * scores.deviation * widening,
        f"80 % power of a two-sided t-test at {level:.2g} with {assumed}, and the deviation seen over {folds} "
        "folds, which is itself uncertain.",
    )


def detectable_on_images(a: Right, b: Right, groups: NDArray, level: float = LEVEL) -> Detectable:
    """The difference in accuracy that McNemar's test could have seen; a and b say which of N images are right.

    Connor (1987), with the share of discordant images that was seen. Groups of several images count as N over the
    design effect (Kish 1965), the variance of the mean difference by groups over that of independent images, at
    least 1. For a family of m pairs, `level` 0.05 / m is that of Holm's first step.
    """
    from scipy import optimize, stats

    difference = a.astype(float) - b.astype(float)
    discordant, effect = float(np.abs(difference).mean()), _design_effect(difference, groups)
    images = len(a) / effect
    at_level, at_power = (float(stats.norm.ppf(share)) for share in (1 - level / 2, POWER))
    approximation = (
        f"80 % power of a two-sided test at {level:.2g} if {discordant:.1%} of images are discordant, as here "
        f"(Connor 1987), for {images:.0f} independent images"
    )
    if len(np.unique(groups)) < len(a):
        approximation += f": {len(a)} images over a design effect of {effect:.1f} by groups, which is an estimate"

    def lacking(true: float) -> float:
        needed = at_level * discordant**0.5 + at_power * (discordant - true**2) ** 0.5
        return float(true * images**0.5 - needed)

    # Even if one model alone were right on every discordant image.
    if not discordant or lacking(discordant) < 0:
        return Detectable(None, approximation + ". With so few discordant images no difference could be seen.")
    return Detectable(float(optimize.brentq(lacking, 0, discordant)), approximation + ".")


def _design_effect(values: NDArray[np.float64], groups: NDArray) -> float:
    """The variance of the mean with groups as the units, over that with images as the units; at least 1."""
    _, code = np.unique(groups, return_inverse=True)
    deviations = values - values.mean()
    sums = np.bincount(code, deviations)
    if len(sums) < 2 or not deviations.any():
        return 1.0
    by_groups = (sums**2).sum() * len(sums) / (len(sums) - 1)
    by_images = (deviations**2).sum() * len(values) / (len(values) - 1)
    return max(1.0, float(by_groups / by_images))
