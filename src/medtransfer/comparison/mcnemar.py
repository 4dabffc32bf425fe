"""Tests of which images models get right: McNemar's for two models, Cochran's for all of them, and the odds ratio."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.rows import independence
from medtransfer.settings.errors import UserError

Right = NDArray[np.bool_]  # N: whether a model is right on each image
Counts = NDArray[np.integer]  # N: how many models are


@dataclass(frozen=True)
class McNemar:
    """Of the images on which one of two models alone is right."""

    only_a: int  # images that a alone gets right
    only_b: int
    images: int
    groups: int
    exact_p: float  # two-sided
    mid_p: float  # two-sided; closer to its level than the exact one, which is too large
    assumes: str


@dataclass(frozen=True)
class Cochran:
    """Whether all models are right equally often."""

    statistic: float | None  # Q; None, as p, where all models are right on the same images
    degrees_of_freedom: int
    p: float | None
    assumes: str


@dataclass(frozen=True)
class OddsRatio:
    """Images that a alone gets right for each that b alone does, with the exact 95 % interval; None is no bound."""

    value: float | None
    low: float
    high: float | None


def mcnemar(a: Right, b: Right, groups: NDArray) -> McNemar:
    """McNemar's exact and mid-p test (Fagerland, Lydersen and Laake 2013, supplement, equations 1 and 2).

    Given the number of discordant images, those of a are binomial with chance 1/2. The mid-p counts half of the
    chance of what was seen. Without a discordant image both are 1.
    """
    from scipy import stats
    from statsmodels.stats.contingency_tables import mcnemar as exact

    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = float(exact([[0, only_a], [only_b, 0]], exact=True).pvalue)
    seen = float(stats.binom.pmf(only_a, only_a + only_b, 0.5))
    # Of equal numbers the exact p is cut at 1, and the half is taken from both tails at once.
    mid_p = 1 - seen / 2 if only_a == only_b else p - seen
    mid_p = mid_p if only_a + only_b else 1.0
    return McNemar(only_a, only_b, len(a), len(np.unique(groups)), p, mid_p, independence(groups))


def mid_p_by_groups(a: Right | Counts, b: Right | Counts, groups: NDArray) -> float:
    """McNemar's mid-p with groups as its units; of groups of one image each it is McNemar's mid-p. 1 of no difference.

    Of several models on each side, `a` and `b` count those that are right on each image.

    Were both models alike, the sum of a - b over a group's images would be as probable as its opposite. So the signs
    of all groups' sums are flipped, each with chance 1/2 (Fisher's randomisation test of pairs, 1935), exactly: by the
    distribution of the total. It holds for a handful of discordant groups, where the bootstrap's p is too small.
    """
    _, code = np.unique(groups, return_inverse=True)
    sums = np.bincount(code, a.astype(float) - b).round().astype(int)
    sizes = np.abs(sums[sums != 0])
    total, chances = int(sizes.sum()), np.ones(1)  # of half the distance from -total
    for size in sizes:
        still = np.pad(chances, (0, size))
        chances = (still + np.roll(still, size)) / 2
    distance = np.abs(2 * np.arange(total + 1) - total)
    seen = abs(int(sums.sum()))
    return float(chances[distance > seen].sum() + chances[distance == seen].sum() / 2) if total else 1.0


def cochrans_q(right: Mapping[str, Right], groups: NDArray) -> Cochran:
    """Cochran's Q over all models (Cochran 1950); chi-square with K - 1 degrees of freedom for many images.

    Raises UserError for fewer than two models.
    """
    from statsmodels.stats.contingency_tables import cochrans_q as test

    if len(right) < 2:
        raise UserError("Cochran's Q compares at least two models; add one to study.models.")
    table = np.column_stack(list(right.values())).astype(float)
    freedom, assumes = len(right) - 1, independence(groups)
    if (table == table[:, :1]).all():
        return Cochran(None, freedom, None, assumes)
    result = test(table)
    return Cochran(float(result.statistic), freedom, float(result.pvalue), assumes)


def odds_ratio(only_a: int, only_b: int) -> OddsRatio | None:
    """The conditional odds ratio of discordant images, by Clopper and Pearson's interval of a's share of them.

    Fagerland, Lydersen and Laake (2014). None without a discordant image. Images count as independent.
    """
    from scipy import stats

    if not only_a + only_b:
        return None
    interval = stats.binomtest(only_a, only_a + only_b).proportion_ci(method="exact")
    low, value, high = (_odds(share) for share in (interval.low, only_a / (only_a + only_b), interval.high))
    return OddsRatio(value, low or 0.0, high)


def _odds(share: float) -> float | None:
    return float(share / (1 - share)) if share < 1 else None
