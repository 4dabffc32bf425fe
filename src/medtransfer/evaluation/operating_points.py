"""What a model would do in use: sensitivity at a fixed specificity and the reverse, and predictive values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups, checked, checked_share
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.exchangeable import ROUNDING
from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.evaluation.resampling import Draws, draw_groups, percentile_interval
from medtransfer.evaluation.shares import bootstrap_interval, shares
from medtransfer.store.interval import Interval

RateName = Literal["specificity", "sensitivity"]
Rate = float | NDArray[np.float64]  # one, or B of them
LEVELS = (0.95, 0.99)
CELLS = 2**22  # of resamples times images that are counted at once: 32 MiB


@dataclass(frozen=True)
class OperatingPoint:
    """The best of one rate where the other is at least a level."""

    fixed: RateName
    level: float  # at least this much of it
    rate: Interval  # the other one


def operating_points(
    actual: Codes,
    probabilities: Probabilities,
    condition: Condition,
    groups: Groups,
    levels: Sequence[float] = LEVELS,
) -> list[OperatingPoint]:
    """Sensitivity at each level of specificity, then specificity at each level of sensitivity, of the empirical ROC.

    The threshold is the best one of the images at hand, and each resample of groups has its own: the interval is of the
    curve, not of a threshold chosen before. It is rough where few images may be wrong on the fixed side: in simulations
    with 100 images a side it covers the truth in 95 % at a level of 0.95 and in some 83 % at 0.99; with 300 images, in
    95 % and more. Raises UserError where all images have the condition, or none.
    """
    table = checked(actual, probabilities, groups)
    for level in levels:
        checked_share(level, "the fixed specificity or sensitivity")
    present, score = condition.present(actual), condition.score(table)
    draws = draw_groups(groups)
    observed = _rates(score, present, np.ones((1, len(score)), np.int64), levels)[0]
    resampled = np.concatenate(
        [_rates(score, present, draws.of_images(rows), levels) for rows in _blocks(draws, len(score))]
    )
    points = []
    sides: tuple[tuple[RateName, NDArray[np.bool_]], ...] = (("specificity", present), ("sensitivity", ~present))
    columns = iter(range(observed.size))
    for fixed, of in sides:
        units = len(np.unique(draws.code[of]))
        for level in levels:
            column = next(columns)
            rate, _ = bootstrap_interval(float(observed[column]), resampled[:, column], units)
            points.append(OperatingPoint(fixed, level, rate))
    return points


def predictive_values(
    actual: Codes, called: NDArray[np.bool_], condition: Condition, groups: Groups, prevalence: float
) -> tuple[Interval, Interval]:
    """PPV and NPV where a share `prevalence` has the condition, by Bayes' rule from sensitivity and specificity.

    `called` says for each of N images whether the rule calls the condition present (`Condition.of`). The interval
    resamples groups. Where sensitivity or specificity is 0 or 1, it takes both of them at their lower and both at their
    upper ends instead, and covers more than 95 %. A value is NaN where nothing is called so. Raises UserError where all
    images have the condition, or none, and for a prevalence outside of 0 to 1.
    """
    checked_share(prevalence, "the prevalence")
    present, draws = condition.present(actual), draw_groups(groups)
    right, sides = called == present, np.stack([present, ~present], axis=1)
    rates = shares(np.stack([right, right], axis=1), sides, groups, draws)
    total = draws.sums(sides.astype(np.float64))
    hits = draws.sums((right[:, np.newaxis] & sides).astype(np.float64))
    sensitivity, specificity = np.divide(hits, total, out=np.full(hits.shape, np.nan), where=total > 0).T
    observed = _bayes(rates[0].value, rates[1].value, prevalence)
    if all(0 < rate.value < 1 for rate in rates):
        ppv, npv = _bayes(sensitivity, specificity, prevalence)
        return percentile_interval(observed[0], ppv), percentile_interval(observed[1], npv)
    low = _bayes(rates[0].low, rates[1].low, prevalence)
    high = _bayes(rates[0].high, rates[1].high, prevalence)
    return Interval(*map(float, (observed[0], low[0], high[0]))), Interval(*map(float, (observed[1], low[1], high[1])))


def _bayes(sensitivity: Rate, specificity: Rate, prevalence: float) -> NDArray[np.float64]:
    """PPV and NPV, in two rows; NaN where nothing is called so."""
    hits, missed = sensitivity * prevalence, (1 - sensitivity) * prevalence
    cleared, false_alarms = specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)
    right = np.array([hits, cleared], np.float64)
    called = right + np.array([false_alarms, missed], np.float64)
    return np.divide(right, called, out=np.full(right.shape, np.nan), where=called > 0)


def _blocks(draws: Draws, images: int) -> Iterator[slice]:
    step = max(1, CELLS // images)
    yield from (slice(start, start + step) for start in range(0, len(draws.counts), step))


def _rates(
    score: NDArray[np.float64], present: NDArray[np.bool_], weights: NDArray[np.int64], levels: Sequence[float]
) -> NDArray[np.float64]:
    """Sensitivity at each level of specificity, then specificity at each of sensitivity: B x 2L.

    `weights` (B x N) says how often each image stands in each resample; a rate without its images is NaN.
    """
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)  # of each distinct score
    weights = weights[:, order]
    hits, called = (
        np.pad(np.cumsum(counts, axis=1)[:, last], ((0, 0), (1, 0))) for counts in (weights * present[order], weights)
    )
    false_alarms = called - hits
    with_it, without_it = hits[:, -1:], false_alarms[:, -1:]
    sensitivity, specificity = [], []
    for level in levels:
        allowed = np.floor((1 - level) * without_it + ROUNDING)
        place = (false_alarms <= allowed).sum(axis=1, keepdims=True) - 1
        sensitivity.append(_share(np.take_along_axis(hits, place, axis=1), with_it, without_it))
        needed = np.ceil(level * with_it - ROUNDING)
        place = (hits < needed).sum(axis=1, keepdims=True)
        specificity.append(_share(without_it - np.take_along_axis(false_alarms, place, axis=1), without_it, with_it))
    return np.concatenate([*sensitivity, *specificity], axis=1)


def _share(counts: NDArray[np.int64], total: NDArray[np.int64], fixed: NDArray[np.int64]) -> NDArray[np.float64]:
    """NaN where a resample has no image of either side."""
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=(total > 0) & (fixed > 0))
