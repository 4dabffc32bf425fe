"""DeLong's test of the areas under two ROC curves on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.rows import Codes, independence
from medtransfer.evaluation.resampling import LEVEL
from medtransfer.settings.errors import UserError

Scores = NDArray[np.floating]


@dataclass(frozen=True)
class DeLong:
    """The areas of two models and their difference a - b; for several classes, means over them."""

    a: float
    b: float
    difference: float
    variance: float | None  # of the difference; None where a class has a single image
    interval: tuple[float, float] | None  # 95 %, normal; None, as z and p, where the variance is None or 0
    z: float | None
    p: float | None  # two-sided
    assumes: str


def delong(actual: Codes, a: Scores, b: Scores, classes: Sequence[int], groups: NDArray) -> DeLong:
    """Two models' probabilities (N x K) of N images, for each of `classes` against the rest, and the mean over these.

    DeLong, DeLong and Clarke-Pearson (1988). The areas are averages of placements, and the variance is that of the
    placements' means. Placements are counted from one sort, in O(N log N), as differences of midranks (Sun and Xu
    2014). Of several classes, every image's shares in their areas are added up first, so that the classes' covariance
    counts. Raises UserError where a class has no image, or every image.
    """
    from scipy import stats

    of_class = [(actual == code, a[:, code], b[:, code]) for code in classes]
    for code, (positive, _, _) in zip(classes, of_class, strict=True):
        if positive.all() or not positive.any():
            raise UserError(
                f"AUC needs held-out images of class {code} and of the others, but here are {positive.sum()} of "
                f"{len(actual)}; use a larger split.test_fraction, or a metric that needs one class alone."
            )
    placed = [(_placements(positive, x), _placements(positive, y), positive) for positive, x, y in of_class]
    area_a, area_b = (float(np.mean([each[model][each[2]].mean() for each in placed])) for model in (0, 1))
    difference, assumes = area_a - area_b, independence(groups)
    if any(min(positive.sum(), (~positive).sum()) < 2 for positive, _, _ in of_class):
        return DeLong(area_a, area_b, difference, None, None, None, None, assumes)
    shares = np.mean([_shares(x - y, positive) for x, y, positive in placed], axis=0)
    variance = float((shares**2).sum())
    # Areas that differ by the same for every image differ by rounding alone.
    if variance < 1e-24:
        return DeLong(area_a, area_b, difference, 0.0, None, None, None, assumes)
    deviation = variance**0.5
    z, half = difference / deviation, float(stats.norm.ppf((1 + LEVEL) / 2)) * deviation
    interval = difference - half, difference + half
    return DeLong(area_a, area_b, difference, variance, interval, z, float(2 * stats.norm.sf(abs(z))), assumes)


def _placements(positive: NDArray[np.bool_], score: Scores) -> NDArray[np.float64]:
    """Of each image, the share of the other side that it stands on the right side of; ties count half: N."""
    distinct, code = np.unique(score, return_inverse=True)
    placed = np.empty(len(score))
    for side in (positive, ~positive):
        others = np.bincount(code[~side], minlength=len(distinct))
        # What lies below an image, and half of what ties with it: the difference of its two midranks.
        below = np.cumsum(others) - others / 2
        placed[side] = below[code[side]] / (~side).sum()
    placed[~positive] = 1 - placed[~positive]
    return placed


def _shares(placed: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each image adds to the deviation of the area: the sum of squares is DeLong's variance. N."""
    shares = np.empty(len(placed))
    for side in (positive, ~positive):
        images = side.sum()
        shares[side] = (placed[side] - placed[side].mean()) / np.sqrt(images * (images - 1))
    return shares
