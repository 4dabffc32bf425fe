"""Scores of thousands of resamples at once: from stacks of confusion matrices, sums over images, and one sort.

Each function returns B values, or B x K of a score per class. What a resample without an image of a class gives is
left to `intervals`, which puts NaN there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.point_values import calibration_bins
from medtransfer.evaluation.predictions import Predictions
from medtransfer.evaluation.resampling import Draws

Numbers = NDArray[np.float64]
CHUNK = 2**20  # elements of an array of some resamples x images: 8 MB, and a handful of such arrays at a time


@dataclass(frozen=True, eq=False)
class Resamples:
    """B resamples of predictions, and what several scores need of them: computed once."""

    predictions: Predictions
    draws: Draws

    def sums(self, values: NDArray) -> Numbers:
        """Of N values, or of each column of N x K, over the images of each resample: B, or B x K."""
        return self.draws.sums(np.asarray(values, np.float64))

    @cached_property
    def images(self) -> Numbers:
        """B: how many images each has."""
        return self.classes.sum(axis=1)

    @cached_property
    def classes(self) -> Numbers:
        """B x K: how many images of each class."""
        return self.confusion.sum(axis=2)

    @cached_property
    def confusion(self) -> Numbers:
        """B x K x K: a row per actual class, a column per predicted class."""
        size = self.predictions.classes
        cell = self.predictions.actual * size + self.predictions.predicted
        return self.sums(cell[:, None] == np.arange(size**2)).reshape(-1, size, size)

    @cached_property
    def ranks(self) -> tuple[Numbers, Numbers]:
        """Area under the ROC curve and average precision of each class against the rest: B x K each."""
        resamples, images = len(self.draws.counts), len(self.predictions.actual)
        size = max(1, CHUNK // images)
        orders = [_Order.of(*columns) for columns in zip(*_columns(self.predictions), strict=True)]
        parts = []
        for start in range(0, resamples, size):
            counts = self.draws.of_images(slice(start, start + size)).astype(np.float64)
            parts.append(np.stack([order.areas(counts) for order in orders], axis=-1))
        areas, precisions = np.concatenate(parts, axis=1)
        return areas, precisions


@dataclass(frozen=True, eq=False)
class _Order:
    """The images of a class (P of N) and the others, both by rising score, and how they stand among each other."""

    inside: NDArray[np.intp]  # P
    others: NDArray[np.intp]  # N - P
    below: NDArray[np.intp]  # P: how many others have a lower score
    up_to: NDArray[np.intp]  # P: a lower score or the same
    lower: NDArray[np.intp]  # P: how many of the class have a lower score

    @classmethod
    def of(cls, actual: NDArray[np.bool_], score: Numbers) -> "_Order":
        order = np.argsort(score, kind="stable")
        inside, others = order[actual[order]], order[~actual[order]]
        own, rest = score[inside], score[others]
        below, up_to = np.searchsorted(rest, own, "left"), np.searchsorted(rest, own, "right")
        return cls(inside, others, below, up_to, np.searchsorted(own, own, "left"))

    def areas(self, counts: Numbers) -> tuple[Numbers, Numbers]:
        """Under the ROC curve, and under the steps of precision over recall; `counts` are of images, B x N."""
        drawn, among = counts[:, self.inside], _sums_before(counts[:, self.others])
        among_own, below = _sums_before(drawn), among[:, self.below]
        positives, negatives = among_own[:, -1], among[:, -1]
        won = np.einsum("bp,bp->b", drawn, below) + np.einsum("bp,bp->b", drawn, among[:, self.up_to])
        hits = positives[:, None] - among_own[:, self.lower]  # of the class, with this score or a higher one
        alarms = negatives[:, None] - below
        precision = hits / np.maximum(hits + alarms, 1)
        return ratio(won / 2, positives * negatives), ratio(np.einsum("bp,bp->b", drawn, precision), positives)


def _columns(predictions: Predictions) -> tuple[NDArray[np.bool_], Numbers]:
    """K x N each: whether an image is of a class, and its probability."""
    return predictions.is_actual.T, predictions.probabilities.T


def _sums_before(counts: Numbers) -> Numbers:
    """B x (M + 1): the sum of the first 0..M of M columns."""
    return np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)


def ratio(part: Numbers, whole: Numbers) -> Numbers:
    """0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole != 0)


def roc_auc(resamples: Resamples) -> Numbers:
    """The chance that an image of the class scores above one of the rest, ties counting half."""
    return resamples.ranks[0]


def average_precision(resamples: Resamples) -> Numbers:
    """Mean precision at the scores of the class's images."""
    return resamples.ranks[1]


def f1(resamples: Resamples) -> Numbers:
    """Twice the hits, among the actual ones and the predicted ones."""
    confusion = resamples.confusion
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    return ratio(2 * hits, confusion.sum(axis=1) + confusion.sum(axis=2))


def balanced_accuracy(resamples: Resamples) -> Numbers:
    """The mean sensitivity."""
    confusion = resamples.confusion
    return ratio(np.diagonal(confusion, axis1=1, axis2=2), confusion.sum(axis=2)).mean(axis=1)


def matthews(resamples: Resamples) -> Numbers:
    """Gorodkin 2004, equation 8, on counts."""
    hits, images, actual, predicted = _marginals(resamples)
    together = hits * images - (actual * predicted).sum(axis=1)
    spread = (images**2 - (actual**2).sum(axis=1)) * (images**2 - (predicted**2).sum(axis=1))
    return ratio(together, np.sqrt(spread))


def kappa(resamples: Resamples) -> Numbers:
    """Cohen 1960: agreement beyond that of chance, as a share of what is possible beyond it."""
    hits, images, actual, predicted = _marginals(resamples)
    chance = (actual * predicted).sum(axis=1)
    return ratio(hits * images - chance, images**2 - chance)


def _marginals(resamples: Resamples) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    confusion = resamples.confusion
    return np.trace(confusion, axis1=1, axis2=2), resamples.images, confusion.sum(axis=2), confusion.sum(axis=1)


def mean_of(values: Callable[[Predictions], Numbers]) -> Callable[[Resamples], Numbers]:
    """Of a score that is the mean of a value for each image."""
    return lambda resamples: resamples.sums(values(resamples.predictions)) / resamples.images


def calibration_error(resamples: Resamples) -> Numbers:
    """Mean over images of their bin's distance between confidence and accuracy."""
    inside, gap = calibration_bins(resamples.predictions)
    return np.abs(resamples.sums(inside * gap[:, None])).sum(axis=1) / resamples.images


def maximum_calibration_error(resamples: Resamples) -> Numbers:
    """That distance in the worst bin."""
    inside, gap = calibration_bins(resamples.predictions)
    return np.abs(ratio(resamples.sums(inside * gap[:, None]), resamples.sums(inside))).max(axis=1)
