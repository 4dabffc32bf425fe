"""What pretraining is worth with few images, in words."""

from collections.abc import Sequence

from medtransfer.comparison.images_needed import Needed
from medtransfer.comparison.learning_curves import LearningCurves, PairOfCurves
from medtransfer.report.numbers import UNDEFINED, counted, points

NONE, UNKNOWN = "none", "not known"
LISTED = 3  # pairs of which a sentence speaks


def number(images: float | None, largest: int) -> str:
    """Images that are needed."""
    return f"more than {largest}" if images is None else f"{images:.0f}"


def saved(needed: Needed, largest: int) -> str:
    """Images that are saved, with the interval; an end without saving is `none`."""
    if needed.images >= largest:  # more images than there are would tell
        return UNKNOWN if needed.needed is None else NONE
    value, low, high = (
        number(end if end is None else end - needed.images, largest - needed.images)
        if end is None or end > needed.images
        else NONE
        for end in (needed.needed, needed.low, needed.high)
    )
    return value if low == high else f"{value} ({low} to {high})"


def ends(interval: tuple[float, float] | None) -> str:
    """An interval in points."""
    return UNDEFINED if interval is None else f"{points(interval[0])} to {points(interval[1])}"


def pair_at(curves: LearningCurves, pair: PairOfCurves, place: int) -> str:
    """Of two models after training on one fraction: the difference, and how many images the second one needs."""
    difference, needed = pair.differences[place], pair.needed[place]
    a, b, largest = pair.models.a, pair.models.b, curves.fractions[-1].images
    size = f"{points(difference.value)} points"
    low, high = difference.interval or (difference.value, difference.value)
    size += f", {ends(difference.interval)}" if difference.interval else ""
    if low <= 0 <= high:
        return f"{a} cannot be told apart from {b} ({size})"
    if high < 0:
        return f"{a} is less accurate than {b} ({size})"
    gains = f"{a} is more accurate than {b} ({size})"
    if not needed.helps:
        return gains
    if needed.needed is None:
        return f"{gains}, which does not reach it with {largest} images"
    interval = f"{number(needed.low, largest)} to {number(needed.high, largest)}"
    return f"{gains}, which needs {number(needed.needed, largest)} images to reach it ({interval})"


def with_few_images(curves: LearningCurves) -> str | None:
    """The sentence of the verdict: what pretraining is worth at the smallest fraction; None where no pair is known."""
    if not curves.pairs:
        return None
    shown: Sequence[PairOfCurves] = curves.pairs[:LISTED]
    more = len(curves.pairs) - len(shown)
    rest = f"; the page has {counted(more, 'more pair')}" if more else ""
    comparisons = "; ".join(pair_at(curves, pair, 0) for pair in shown)
    images = counted(curves.fractions[0].images, "training image")
    return (
        f"Few images: with {images} in each fold, the fewest that were tried, {comparisons}{rest}. Numbers of images "
        "are of a fold; the folds' mean has seen more. Intervals are 95 %, of each comparison alone."
    )
