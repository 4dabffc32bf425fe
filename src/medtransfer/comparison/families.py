"""The family of pairs that is compared, all of them or each against a baseline, and Holm's correction for it."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from medtransfer.settings.errors import UserError


def pairs_of(models: Iterable[str], baseline: str | None = None) -> list[tuple[str, str]]:
    """Each two models in their order; with a baseline, each other model and the baseline.

    Raises UserError for fewer than two models, or where the baseline is not among them.
    """
    names = list(models)
    if len(names) < 2:
        raise UserError("A comparison needs two models; add one to study.models.")
    if baseline is None:
        return list(combinations(names, 2))
    if baseline not in names:
        raise UserError(f"The baseline {baseline} is not among the models that are compared: {', '.join(names)}.")
    return [(name, baseline) for name in names if name != baseline]


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Each p corrected for the family by Holm's step-down method (1979): the i-th smallest of m times m - i + 1.

    None is below the one before, or above 1. What is undefined stays None and counts in the family as 1.
    """
    # statsmodels has the same, but collects garbage at each call: 0.1 s for each metric and test.
    values = np.array([1.0 if each is None else each for each in p])
    order, corrected = values.argsort(), np.empty(len(values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)))
    return [None if each is None else float(after) for each, after in zip(p, corrected, strict=True)]
