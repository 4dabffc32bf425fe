"""Predictions: what a model says of images whose class is known, checked before anything is computed from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medtransfer.settings.errors import UserError

Codes = NDArray[np.integer]  # N: the number of each image's class, 0..K-1
Probabilities = NDArray[np.floating]  # N x K: rows add up to 1
TOLERANCE = 1e-4  # how far from 1 a row of probabilities may add up


@dataclass(frozen=True, eq=False)
class Predictions:
    """Of N images and K classes. `of` makes and checks it."""

    actual: Codes  # N
    probabilities: NDArray[np.float64]  # N x K
    predicted: Codes  # N: the most probable class, or what another rule says
    costs: NDArray[np.float64]  # K x K: a row per actual class, a column per predicted class

    @classmethod
    def of(
        cls,
        actual: ArrayLike,
        probabilities: ArrayLike,
        predicted: ArrayLike | None = None,
        costs: ArrayLike | None = None,
    ) -> "Predictions":
        """By default the most probable class is predicted, and every error costs 1.

        Raises UserError, which says what is wrong and in which row: no image, lengths that differ, NaN, probabilities
        that are negative or do not add up to 1, and classes that do not exist.
        """
        shares = _probabilities(probabilities)
        classes = shares.shape[1]
        named = shares.argmax(axis=1) if predicted is None else predicted
        table = 1 - np.eye(classes) if costs is None else np.asarray(costs, np.float64)
        if table.shape != (classes, classes) or not np.isfinite(table).all():
            raise UserError(
                f"the costs of errors must be {classes} x {classes} numbers, a row for each actual class and a column "
                "for each predicted one"
            )
        return cls(_codes("actual", actual, shares), shares, _codes("predicted", named, shares), table)

    @property
    def classes(self) -> int:
        """K."""
        return self.probabilities.shape[1]

    @property
    def is_actual(self) -> NDArray[np.bool_]:
        """N x K: whether an image is of a class."""
        return self.actual[:, None] == np.arange(self.classes)

    @property
    def is_predicted(self) -> NDArray[np.bool_]:
        """N x K: whether an image is said to be of a class."""
        return self.predicted[:, None] == np.arange(self.classes)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts, K x K: a row per actual class, a column per predicted class."""
        from sklearn import metrics

        return metrics.confusion_matrix(self.actual, self.predicted, labels=range(self.classes))

    def rows(self, rows: NDArray[np.integer]) -> "Predictions":
        """Those of some images, which may be repeated."""
        return Predictions(self.actual[rows], self.probabilities[rows], self.predicted[rows], self.costs)


def require_every_class(actual: Codes, names: Sequence[object]) -> None:
    """Raises UserError where one of the K classes, whose names are given, has no image among the N."""
    missing = [str(name) for code, name in enumerate(names) if not (actual == code).any()]
    if missing:
        raise UserError(
            f"none of the {len(actual)} images to be scored is of class {' or '.join(missing)}: sensitivity and ROC "
            "curve are undefined without both images of a class and images of another; raise split.test_fraction or "
            "split.validation_fraction, lower split.folds, or add images"
        )


def _probabilities(values: ArrayLike) -> NDArray[np.float64]:
    shares = np.asarray(values, np.float64)
    if shares.ndim != 2 or shares.shape[1] < 2:
        raise UserError(
            f"probabilities need a row for each image and two or more columns, not the shape {shares.shape}"
        )
    if not len(shares):
        raise UserError("there is no image to score")
    unknown = np.any(~np.isfinite(shares), axis=1)
    if unknown.any():
        raise UserError(
            f"{_rows(unknown)} with NaN or infinite values: the network's weights have diverged; lower its "
            "learning rate and train again"
        )
    negative = np.any(shares < 0, axis=1)
    if negative.any():
        raise UserError(f"{_rows(negative)} below 0: give probabilities, not logits")
    sums = shares.sum(axis=1)
    astray = np.abs(sums - 1) > TOLERANCE
    if astray.any():
        raise UserError(
            f"{_rows(astray)} that add up to {sums[astray.argmax()]:.4g} and not to 1: give the probabilities of "
            "classes of which each image has one"
        )
    return shares


def _codes(kind: str, values: ArrayLike, shares: NDArray[np.float64]) -> Codes:
    codes = np.asarray(values)
    if codes.shape != shares.shape[:1]:
        raise UserError(
            f"{len(shares)} images have probabilities, but {codes.size} have {kind} classes: give both for"
            " the same images"
        )
    numbers = np.issubdtype(codes.dtype, np.integer)
    if not numbers or codes.min() < 0 or codes.max() >= shares.shape[1]:
        raise UserError(f"{kind} classes must be whole numbers from 0 to {shares.shape[1] - 1}, a column's number each")
    return codes


def _rows(wrong: NDArray) -> str:
    return f"{int(wrong.sum())} of {len(wrong)} images (the first is row {wrong.argmax()}) have probabilities"
