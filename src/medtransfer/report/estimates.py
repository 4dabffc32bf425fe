"""A number with its 95 % interval: as a table's cell, with the interval in small type below it, and in a sentence."""

import math

from markupsafe import Markup

from medtransfer.report.blocks import with_detail
from medtransfer.report.numbers import UNDEFINED
from medtransfer.store.interval import Interval
from medtransfer.store.records import Bounds, Scores


def ends(low: float, high: float, joined: str = " to ", digits: int = 2) -> str:
    """Both ends of an interval; a dash where they are not defined."""
    return UNDEFINED if math.isnan(low) or math.isnan(high) else f"{low:.{digits}f}{joined}{high:.{digits}f}"


def cell(value: float | None, bounds: Bounds | tuple[float, float] | None) -> Markup:
    """A value and its interval; a dash for what is not there."""
    if value is None or math.isnan(value):
        return with_detail(UNDEFINED, UNDEFINED if bounds is None else ends(bounds[0], bounds[1]))
    if bounds is None:
        return with_detail(f"{value:.3f}", UNDEFINED)
    # Two digits, but where a value close to an end would then lie outside.
    outside = not float(f"{bounds[0]:.2f}") <= value <= float(f"{bounds[1]:.2f}")
    return with_detail(f"{value:.3f}", ends(bounds[0], bounds[1], digits=3 if outside else 2))


def interval_cell(interval: Interval | None) -> Markup:
    """The same of a value that was measured with its interval."""
    return cell(None, None) if interval is None else cell(interval.value, (interval.low, interval.high))


def score_cell(scores: Scores, key: str) -> Markup:
    """The same of a metric of the tested model."""
    return cell(scores.values[key], bounds_of(scores, key))


def bounds_of(scores: Scores, key: str) -> Bounds | None:
    """The interval of a metric; None where it cannot be told."""
    return None if scores.intervals is None else scores.intervals.values.get(key)


def in_words(interval: Interval) -> str:
    """A value with its interval in brackets."""
    return f"{interval.value:.3f} (95 % interval {ends(interval.low, interval.high)})"
