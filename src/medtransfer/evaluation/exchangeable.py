"""A quantile that holds for images of a new group: what split conformal prediction and thresholds rest on."""

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups

# (n + 1) * level is an integer where level = n / (n + 1), and rounding must not make it more.
ROUNDING = 1e-9


def groups_needed(level: float) -> int:
    """The fewest groups that have a quantile of this level: the least n with n / (n + 1) >= level."""
    return int(np.ceil(level / (1 - level) - ROUNDING))


def quantile_of_groups(scores: NDArray[np.floating], groups: Groups, level: float) -> float | None:
    """The least score that a new image stays at or below with a chance of at least `level`; None of too few groups.

    Hierarchical conformal prediction (Lee, Barber and Willett 2023): of G groups, each score of a group of n weighs
    1 / (n (G + 1)), and the new group's own 1 / (G + 1) counts as infinite. It holds on average over the data where
    groups are exchangeable, for an image drawn from a new group. Where every image is a group of its own it is split
    conformal prediction: the score of rank ceil((n + 1) level).
    """
    _, code, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < groups_needed(level):
        return None
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(1 / sizes[code[order]])
    return float(scores[order][np.searchsorted(reached, (len(sizes) + 1) * level - ROUNDING)])
