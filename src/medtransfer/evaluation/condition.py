"""What a score of two sides tells apart: the target condition, as STARD 2015 calls it, from its absence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.settings.errors import UserError


@dataclass(frozen=True)
class Condition:
    """The positive class against all others, or every disease against the healthy class."""

    code: int  # the number of the positive class, or of the healthy one
    healthy: bool  # whether `code` is the healthy class, so that every other has the condition

    def score(self, probabilities: Probabilities) -> NDArray[np.float64]:
        """The probability of the condition (N, from 0 to 1) from those of the classes (N x K)."""
        column = np.asarray(probabilities, np.float64)[:, self.code]
        return 1 - column if self.healthy else column

    def of(self, codes: Codes) -> NDArray[np.bool_]:
        """Which of N classes, actual or predicted, are the condition."""
        return (codes == self.code) != self.healthy

    def present(self, actual: Codes) -> NDArray[np.bool_]:
        """Which of N images have it, by their actual class; raises UserError where all have it, or none."""
        present = self.of(actual)
        if present.all() or not present.any():
            raise UserError(
                f"{'every' if present.all() else 'no'} image has the condition, and sensitivity and specificity need "
                "images with and without it: choose a split with both"
            )
        return present


def condition_of(positive: int | None, healthy: int | None) -> Condition | None:
    """The condition of a set: its positive class where it names one, else every disease against the healthy class.

    None where the set names neither.
    """
    if positive is not None:
        return Condition(positive, healthy=False)
    return None if healthy is None else Condition(healthy, healthy=True)
