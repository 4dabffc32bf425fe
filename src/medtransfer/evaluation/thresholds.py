"""The rule that turns probabilities into a class, chosen on development data alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups, checked, checked_share
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.exchangeable import groups_needed, quantile_of_groups
from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.evaluation.shares import shares
from medtransfer.settings.errors import UserError


@dataclass(frozen=True)
class ThresholdRule:
    """The largest probability, or the condition wherever its probability reaches a threshold."""

    kind: Literal["argmax", "sensitivity"] = "argmax"
    stated: float | None = None  # the sensitivity that was asked for; None, as all below, of argmax
    condition: Condition | None = None
    threshold: float | None = None  # the condition is called present at or above it
    sensitivity: float | None = None  # on the development images that it was chosen on
    specificity: float | None = None
    sensitivity_ends: tuple[float, float] | None = None  # 95 % intervals of both
    specificity_ends: tuple[float, float] | None = None

    def predict(self, probabilities: Probabilities) -> NDArray[np.int64]:
        """Class numbers (N) of probabilities (N x K).

        A threshold decides between the condition and its absence; where either side has several classes, the one with
        the largest probability stands for it.
        """
        table = np.asarray(probabilities, np.float64)
        if self.condition is None or self.threshold is None:
            return table.argmax(axis=1)
        code = self.condition.code
        others = table.copy()
        others[:, code] = -1
        present = self.condition.score(table) >= self.threshold
        return np.where(present == self.condition.healthy, others.argmax(axis=1), code)


ARGMAX = ThresholdRule()


def choose(
    actual: Codes, probabilities: Probabilities, groups: Groups, condition: Condition, sensitivity: float
) -> ThresholdRule:
    """The highest threshold that finds a share `sensitivity` of new images with the condition, on average.

    `probabilities` (N x K) are out-of-fold. The threshold is `quantile_of_groups` of the images with the condition. It
    lies a little below their plain quantile, which finds less than the stated share of new images on average.
    Raises UserError where the images with the condition are of too few groups for this sensitivity, where only a rule
    that calls every image positive reaches it, and where all images have the condition, or none.
    """
    table = checked(actual, probabilities, groups)
    checked_share(sensitivity, "the stated sensitivity")
    present, score = condition.present(actual), condition.score(table)
    with_it = np.asarray(groups)[present]
    quantile = quantile_of_groups(-score[present], with_it, sensitivity)
    if quantile is None:
        count = len(np.unique(with_it))
        highest = np.floor(1000 * count / (count + 1)) / 1000
        raise UserError(
            f"a sensitivity of {sensitivity} takes {groups_needed(sensitivity)} groups of development images with the "
            f"condition, and there are {count}: lower evaluate.threshold to {highest:g} or less, or write argmax"
        )
    threshold = -quantile
    called = score >= threshold
    specificity = float((~called[~present]).mean())
    if specificity == 0:
        raise UserError(
            f"a sensitivity of {sensitivity} is reached only where every development image is called positive: state a "
            "lower one, or take argmax"
        )
    hits, among = np.stack([called, ~called], axis=1), np.stack([present, ~present], axis=1)
    detected, spared = shares(hits, among, np.asarray(groups))
    return ThresholdRule(
        "sensitivity",
        sensitivity,
        condition,
        threshold,
        detected.value,
        specificity,
        (detected.low, detected.high),
        (spared.low, spared.high),
    )


def threshold_curve(actual: Codes, probabilities: Probabilities, condition: Condition) -> pd.DataFrame:
    """Columns `threshold`, `sensitivity`, `specificity`: a row per distinct probability of the condition, rising.

    Raises UserError where all images have the condition, or none.
    """
    from sklearn import metrics

    score = condition.score(checked(actual, probabilities))
    false, true, threshold = metrics.roc_curve(condition.present(actual), score, drop_intermediate=False)
    curve = pd.DataFrame({"threshold": threshold, "sensitivity": true, "specificity": 1 - false})
    return curve[:0:-1].reset_index(drop=True)  # without the first point, whose threshold is infinite
