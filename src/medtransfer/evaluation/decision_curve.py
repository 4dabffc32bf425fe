"""The decision curve: what acting on a model is worth, beside acting on every image and on none."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from medtransfer.evaluation.checks import Groups, checked, checked_share
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.evaluation.resampling import draw_groups, percentile_interval

THRESHOLDS = tuple(percent / 100 for percent in range(1, 100))


def decision_curve(
    actual: Codes,
    probabilities: Probabilities,
    condition: Condition,
    groups: Groups,
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:
    """Net benefit at each threshold probability t (Vickers and Elkin 2006): a row each.

    Net benefit is TP / N - FP / N * t / (1 - t), in true positives per image. An image is acted on where the
    probability of the condition is t or more, and t / (1 - t) is the harm of a needless action over the gain of a
    needed one. Columns: `threshold`, `model` with `low` and `high` (95 %, by resampling groups), `treat_all`,
    `treat_none`. The curve holds for the share of images with the condition in this set, and needs calibrated
    probabilities. Raises UserError where all images have the condition, or none, and for a threshold outside of 0 to 1.
    """
    table = checked(actual, probabilities, groups)
    levels = np.array([checked_share(level, "a threshold probability") for level in thresholds])
    present, score, harm = condition.present(actual), condition.score(table), levels / (1 - levels)
    worth = np.where(present[:, np.newaxis], 1.0, -harm)  # of acting on each image: N x T
    gained = np.where(score[:, np.newaxis] >= levels, worth, 0.0)
    draws = draw_groups(groups)
    resampled = draws.sums(gained) / draws.sums(np.ones(len(table)))[:, np.newaxis]
    model = [percentile_interval(value, values) for value, values in zip(gained.mean(axis=0), resampled.T, strict=True)]
    return pd.DataFrame(
        {
            "threshold": levels,
            "model": [interval.value for interval in model],
            "low": [interval.low for interval in model],
            "high": [interval.high for interval in model],
            "treat_all": worth.mean(axis=0),
            "treat_none": 0.0,
        }
    )
