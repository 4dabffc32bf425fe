"""A 95 % interval for every score, and the method that gave it.

A proportion of independent images, where every group holds one image, has Wilson's interval (Wilson 1927): percentiles
of resamples are far too narrow near 0 and 1. Everything else has the percentiles of resamples of whole groups (Field
and Welsh 2007). Where these do not vary, as where every image is right, a proportion has Wilson's interval with a group
counting as one image, which is too wide rather than too narrow; another score has none.

Percentiles of the calibration errors are wrong: chance makes these larger than they are, and resampling does so again.
Their interval is the basic bootstrap's (Davison and Hinkley 1997, section 5.2), which reflects the percentiles at the
value; the tests simulate how much nearer to 95 % it comes. Where there is next to no error, few images hide it still.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.means import Parts, Values, mean, parts
from medtransfer.evaluation.metrics import METRICS, Metric
from medtransfer.evaluation.predictions import Predictions
from medtransfer.evaluation.resampled import Numbers, Resamples, ratio
from medtransfer.evaluation.resampling import RESAMPLES as RESAMPLES
from medtransfer.evaluation.resampling import Draws, draw_groups, percentile_interval
from medtransfer.evaluation.shares import BOOTSTRAP, share
from medtransfer.settings.errors import UserError

BASIC = "basic group bootstrap"
Bounds = tuple[float, float, str]  # low, high, method


def intervals(predictions: Predictions, points: Parts, draws: Draws, positive: int | None) -> dict[str, Any]:
    """Bounds under the keys of `scores`: of every metric, `macro`, `weighted`, and `per_class` (a list of K).

    `points` are the scores themselves. A score whose interval cannot be told has no key: see the head of this file.
    """
    drawn = _parts(predictions, draws, positive)
    per_class = [
        _of_values(points.per_class[code], values) | _of_class(predictions, draws, values, code)
        for code, values in enumerate(drawn.per_class)
    ]
    leading = _of_values(points.leading, drawn.leading) | _of_whole(predictions, draws, drawn.leading)
    if positive is not None:
        leading = {key: bounds for key, bounds in leading.items() if not METRICS[key].per_class} | per_class[positive]
    ordered = {key: leading[key] for key in METRICS if key in leading}
    means = {"macro": _of_values(points.macro, drawn.macro), "weighted": _of_values(points.weighted, drawn.weighted)}
    return ordered | means | {"per_class": per_class}


def intervals_of_folds(
    each: Sequence[Predictions], points: Parts, draws: Draws, positive: int | None
) -> dict[str, Any]:
    """The same of the mean over several models' scores on the same images: by the group bootstrap throughout."""
    drawn = mean([_parts(predictions, draws, positive) for predictions in each])
    means = {"macro": _of_values(points.macro, drawn.macro), "weighted": _of_values(points.weighted, drawn.weighted)}
    per_class = [_of_values(points.per_class[code], values) for code, values in enumerate(drawn.per_class)]
    return _of_values(points.leading, drawn.leading) | means | {"per_class": per_class}


def intervals_of(predictions: Predictions, points: Mapping[str, float], draws: Draws) -> dict[str, Bounds]:
    """Of some metrics that have one value, by the bootstrap; one whose interval cannot be told has no key."""
    resamples = Resamples(predictions, draws)
    values = {key: _of_metric(METRICS[key], resamples) for key in points}
    return _of_values({key: np.asarray(point) for key, point in points.items()}, values)


def resampled_values(predictions: Predictions, draws: Draws, positive: int | None) -> Values:
    """The leading value of every metric in each of B resamples; NaN where a class that it needs has no image."""
    return _parts(predictions, draws, positive).leading


def paired_values(predictions: Predictions, groups: NDArray, positive: int | None) -> Values:
    """The same for pairs of models: the same groups of the images give every model the same draws.

    Two models' values can be subtracted, resample by resample.
    """
    return resampled_values(predictions, draw_groups(groups), positive)


def _parts(predictions: Predictions, draws: Draws, positive: int | None) -> Parts:
    resamples = Resamples(predictions, draws)
    values = {key: _of_metric(metric, resamples) for key, metric in METRICS.items()}
    return parts(values, resamples.classes, positive)


def _of_metric(metric: Metric, resamples: Resamples) -> Numbers:
    """B values, or B x K: NaN where a class has no image, or all of them."""
    if metric.resampled is not None:
        values = metric.resampled(resamples)
    elif metric.proportion is not None:
        successes, trials = metric.proportion(resamples.predictions)
        values = ratio(resamples.sums(successes), resamples.sums(trials))
    else:
        values = _one_by_one(metric, resamples)
    images = resamples.classes
    if metric.per_class:
        return np.where((images > 0) & (images < resamples.images[:, None]), values, np.nan)
    return np.where((images > 0).all(axis=1), values, np.nan) if metric.every_class else values


def _one_by_one(metric: Metric, resamples: Resamples) -> Numbers:
    """The metric's own function on each resample's images: slow, and right for any metric."""
    predictions = resamples.predictions
    shape = (predictions.classes,) if metric.per_class else ()
    values = np.full((len(resamples.draws.counts), *shape), np.nan)
    images = np.arange(len(predictions.actual))
    for number in range(len(values)):
        (counts,) = resamples.draws.of_images(slice(number, number + 1))
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                values[number] = metric.function(predictions.rows(np.repeat(images, counts)))
        except (UserError, ValueError):  # undefined without a class that this resample lacks
            continue
    return values


def _of_values(points: Values, values: Values) -> dict[str, Bounds]:
    ends = {}
    for key, value in values.items():
        if bounds := _percentiles(value):
            ends[key] = _reflected(float(points[key]), bounds) if METRICS[key].raised_by_chance else bounds
    return ends


def _of_whole(predictions: Predictions, draws: Draws, values: Values) -> dict[str, Bounds]:
    """Of proportions of all images."""
    rows = {key: metric.proportion for key, metric in METRICS.items() if metric.proportion and not metric.per_class}
    ends = {key: _of_proportion(*proportion(predictions), draws, values[key]) for key, proportion in rows.items()}
    return {key: bounds for key, bounds in ends.items() if bounds is not None}


def _of_class(predictions: Predictions, draws: Draws, values: Values, code: int) -> dict[str, Bounds]:
    """Of proportions of a class."""
    ends: dict[str, Bounds] = {}
    for key in values:
        if proportion := METRICS[key].proportion:
            successes, trials = proportion(predictions)
            if bounds := _of_proportion(successes[:, code], trials[:, code], draws):
                ends[key] = bounds
    return ends


def _percentiles(values: Numbers) -> Bounds | None:
    """None where they do not vary."""
    interval = percentile_interval(np.nan, values)
    spread = interval.high - interval.low
    return (interval.low, interval.high, BOOTSTRAP) if spread > np.finfo(np.float32).eps else None


def _reflected(point: float, bounds: Bounds) -> Bounds:
    """The basic bootstrap within 0..1, as the calibration errors are; it reaches the value in any case."""
    low, high, _ = bounds
    return max(0.0, min(2 * point - high, point)), min(1.0, max(2 * point - low, point)), BASIC


def _of_proportion(
    successes: NDArray[np.bool_], trials: NDArray[np.bool_], draws: Draws, values: Numbers | None = None
) -> Bounds | None:
    """Of the share of successes among the trials (N each); `values` are those of resamples, where they are known."""
    if not trials.any():
        return None
    interval, method = share(successes, trials, draws, values)
    return interval.low, interval.high, method
