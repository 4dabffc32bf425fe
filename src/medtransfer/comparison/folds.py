"""The scores of two models in the same folds, and what a test says of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError

Scores = NDArray[np.float64]  # n >= 2: a model's score in every fold
ROPE = 0.01  # a region of practical equivalence of one point of a share
SAME = 1e-12  # differences of scores that are equal are rarely equal to the last bit
SINGLE_PART = "Not available with one validation part: tests over folds need two and more. See the held-out tests."


@dataclass(frozen=True)
class PairedScores:
    """One metric of two models a and b in the same n folds; refuses NaN, fewer than two folds, and unequal numbers.

    Of cross-validation repeated r times with k folds, n is r x k.
    """

    a: Scores
    b: Scores
    repeats: int = 1  # r
    test_to_training: float | None = None  # images that a fold leaves out to those it trains on; None: of equal folds
    rope: float = ROPE  # half the width of the region of practical equivalence, in units of the metric

    def __post_init__(self) -> None:
        if len(self.a) != len(self.b):
            raise UserError(f"they have not the same folds: {len(self.a)} and {len(self.b)}; train both again.")
        if len(self.a) < 2:
            raise UserError(SINGLE_PART)
        if not (np.isfinite(self.a).all() and np.isfinite(self.b).all()):
            raise UserError("a score in a fold is not a number; evaluate both again, or take a larger fold.")
        if len(self.a) % self.repeats or len(self.a) == self.repeats:
            raise UserError(f"{len(self.a)} scores are not {self.repeats} repeats of two or more folds.")

    @property
    def differences(self) -> Scores:
        """a - b in every fold."""
        return self.a - self.b

    @property
    def mean(self) -> float:
        """The mean difference."""
        return float(self.differences.mean())

    @property
    def deviation(self) -> float:
        """Standard deviation of the differences, with n - 1; 0 where every fold differs by the same amount."""
        deviation = float(self.differences.std(ddof=1))
        return 0.0 if deviation <= SAME * max(1.0, abs(self.mean)) else deviation

    @property
    def layout(self) -> str:
        """How often the folds were repeated, and what that means; empty of plain folds."""
        if self.repeats == 1:
            return ""
        return (
            f"{self.repeats} repeats of {len(self.a) // self.repeats} folds. Repeats are of the same images, so a test "
            "that takes folds as independent is far too sure."
        )

    @property
    def ratio(self) -> float:
        """Nadeau and Bengio's n2 / n1: 1 / (k - 1) for k equal folds."""
        return 1 / (len(self.a) / self.repeats - 1) if self.test_to_training is None else self.test_to_training


@dataclass(frozen=True)
class Difference:
    """What a test says of a - b over folds; None is what the test does not have, or what is undefined."""

    mean_difference: float
    standard_deviation: float  # of the differences, with n - 1
    statistic: float | None
    p: float | None  # two-sided
    folds: int
    interval: tuple[float, float] | None = None  # the difference's, 95 %
    # that a - b is above, within and below the region of practical equivalence; they add up to 1
    probabilities: tuple[float, float, float] | None = None
    note: str = ""  # what this result cannot say
    holm_p: float | None = None  # p for the family of all pairs that were compared
