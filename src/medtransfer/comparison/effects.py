"""How large a difference between two models is: effect sizes with their intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.folds import PairedScores
from medtransfer.comparison.mcnemar import Right, mid_p_by_groups
from medtransfer.evaluation.resampling import LEVEL, Interval, mean_by_groups


@dataclass(frozen=True)
class AccuracyDifference:
    """The difference in accuracy a - b on the held-out images, by the method that these images allow."""

    difference: Interval
    p: float  # two-sided
    images: int
    groups: int
    method: str  # of the interval and of p


@dataclass(frozen=True)
class StandardisedDifference:
    """Cohen's d_z over folds: the mean difference in standard deviations of the differences."""

    d: float
    low: float
    high: float
    assumes: str


def accuracy_difference(a: Right, b: Right, groups: NDArray, seed: int = 0) -> AccuracyDifference:
    """The difference, its 95 % interval and p, paired by image; a and b say which of N images are right.

    The interval is Bonett and Price's (2012; recommended by Fagerland, Lydersen and Laake 2014) where every group is
    one image, else the percentile interval of the group bootstrap. Where the models are right on the same images,
    resampling sees no spread: then it is Bonett and Price's with each group counted as one image. p is McNemar's mid-p
    with groups as its units.
    """
    difference, images, distinct = a.astype(int) - b.astype(int), len(a), len(np.unique(groups))
    if images == distinct:
        interval = _bonett_price(int((difference > 0).sum()), int((difference < 0).sum()), images)
        method = "interval by Bonett and Price, McNemar's mid-p"
    elif np.bincount(np.unique(groups, return_inverse=True)[1], weights=difference).any():
        interval = mean_by_groups(difference, groups, seed)
        method = "interval by the bootstrap over groups, McNemar's mid-p by groups"
    else:
        interval = _bonett_price(0, 0, distinct)
        method = "interval by Bonett and Price with a group as one image, McNemar's mid-p by groups"
    return AccuracyDifference(interval, mid_p_by_groups(a, b, groups), images, distinct, method)


def _bonett_price(only_a: int, only_b: int, images: int) -> Interval:
    """Wald's interval after one image is added to each discordant count, cut at -1 and 1."""
    from scipy import stats

    share_a, share_b = (only_a + 1) / (images + 2), (only_b + 1) / (images + 2)
    error = ((share_a + share_b - (share_a - share_b) ** 2) / (images + 2)) ** 0.5
    half = float(stats.norm.ppf((1 + LEVEL) / 2)) * error
    middle = share_a - share_b
    return Interval((only_a - only_b) / images, max(-1.0, middle - half), min(1.0, middle + half))


def standardised_difference(scores: PairedScores) -> StandardisedDifference | None:
    """Cohen's d_z, its interval by the noncentral t (Cumming and Finch 2001); None where every fold differs equally.

    The ends are the effects of which the t that was seen is the 97.5th and the 2.5th percentile.
    """
    from scipy import special

    if not scores.deviation:
        return None
    folds = len(scores.a)
    d = scores.mean / scores.deviation
    tails = np.array([(1 + LEVEL) / 2, (1 - LEVEL) / 2])
    low, high = special.nctdtrinc(folds - 1, tails, d * folds**0.5) / folds**0.5
    assumes = (
        f"It assumes that {folds} folds are independent. They share training images, so the interval is too narrow."
    )
    return StandardisedDifference(d, float(low), float(high), assumes)
