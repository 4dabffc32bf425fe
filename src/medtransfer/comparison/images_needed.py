"""With how many training images a model is as accurate as another one with fewer: its learning curve, inverted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.floating]  # accuracy at each number of images
TAILS = (0.025, 0.975)
EQUAL = 1e-9  # two accuracies that differ by rounding alone


@dataclass(frozen=True)
class Needed:
    """Images that the model from scratch needs to be as accurate as the pretrained one with `images`.

    A number is at least the smallest that was trained on; None: more than the largest.
    """

    images: int
    needed: float | None
    low: float | None  # 95 % interval
    high: float | None

    @property
    def helps(self) -> bool:
        """Whether pretraining saves images at all, on these test images."""
        return self.needed is None or self.needed > self.images

    @property
    def certain(self) -> bool:
        """Whether the whole interval says so."""
        return self.helps and (self.low is None or self.low > self.images)


def curves_that_rise(accuracy: NDArray[np.floating], weights: Sequence[float]) -> NDArray[np.floating]:
    """The nearest curves that never fall (isotonic regression), of B curves at F numbers of images: B x F."""
    from scipy.optimize import isotonic_regression

    rising = accuracy.copy()
    for row in np.flatnonzero((np.diff(accuracy, axis=1) < 0).any(axis=1)):
        rising[row] = isotonic_regression(accuracy[row], weights=weights).x
    return rising


def images_needed(
    images: NDArray[np.integer], place: int, estimate: tuple[float, Curve], resampled: tuple[Curve, NDArray]
) -> Needed:
    """What one model reaches at images[place] (a value, and B of them), on another's curve over F growing numbers.

    The curves (F, and B x F) never fall, and are linear in log(images) between their points.
    """
    value = invert(images, np.array([estimate[0]]), estimate[1][None])[0]
    low, high = np.quantile(invert(images, *resampled), TAILS, method="inverted_cdf")
    return Needed(int(images[place]), _finite(value), _finite(low), _finite(high))


def invert(images: NDArray[np.integer], reached: Curve, curves: NDArray[np.floating]) -> NDArray[np.floating]:
    """The fewest images with which each of B curves (B x F) reaches a value (B).

    The smallest number where the curve begins above it, infinity where it never gets there.
    """
    above = curves >= reached[:, None] - EQUAL
    first = np.argmax(above, axis=1)
    rows, before = np.arange(len(curves)), np.maximum(first - 1, 0)
    low, high = curves[rows, before], curves[rows, first]
    share = np.divide(reached - low, high - low, out=np.ones(len(curves)), where=high > low)
    logs = np.log(images)
    crossings = np.exp(logs[before] + np.clip(share, 0, 1) * (logs[first] - logs[before])).round(6)
    return np.where(above.any(axis=1), crossings, np.inf)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
