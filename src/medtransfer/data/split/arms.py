"""The arms of the leakage experiment: one test set, and three development sets that differ in its copies alone.

`random` is the development set of a random split. `without_copies` lacks every image that shares its group with a test
image. `control` lacks as many images of each class of other groups, so that it is as small as `without_copies`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ARMS = ("random", "without_copies", "control")
MOST_COPIES = 1 / 3  # of a class's images in development: as many others can then be taken away, and as many stay


@dataclass(frozen=True)
class Arms:
    """Row numbers of one repeat."""

    test: NDArray[np.intp]
    development: dict[str, NDArray[np.intp]]  # by arm


def draw(labels: NDArray, groups: NDArray, test_fraction: float, seed: int) -> Arms:
    """A random test set, stratified by class, and the three development sets.

    Test images are drawn one by one, each class on its own, up to the fraction; sooner where the copies of what is
    drawn exceed a third of a class's development images, which leaves too few others for a control.
    """
    rng = np.random.default_rng(seed)
    in_test = _test_rows(labels, groups, test_fraction, rng)
    development = np.flatnonzero(~in_test)
    copied = np.isin(groups[development], groups[in_test])
    others, copies = development[~copied], development[copied]
    removed = [
        _whole_groups(others[labels[others] == label], groups, int((labels[copies] == label).sum()), rng)
        for label in np.unique(labels)
    ]
    control = np.setdiff1d(development, np.concatenate(removed))
    return Arms(np.flatnonzero(in_test), {"random": development, "without_copies": others, "control": control})


def _test_rows(labels: NDArray, groups: NDArray, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    names, label = np.unique(labels, return_inverse=True)
    _, group = np.unique(groups, return_inverse=True)
    sizes = np.zeros((group.max() + 1, len(names)), np.intp)  # groups x classes
    np.add.at(sizes, (group, label), 1)
    in_test, touched = np.zeros(len(labels), dtype=bool), np.zeros(len(sizes), dtype=bool)
    left = np.bincount(label)  # images of each class that are not in test
    copies = np.zeros_like(left)  # and those of them that share a group with a test image
    for number in range(len(names)):
        rows = rng.permutation(np.flatnonzero(label == number))
        for row in rows[: round(fraction * len(rows))]:
            one = np.arange(len(names)) == number
            more = copies - one + sizes[group[row]] * (not touched[group[row]])
            if (more > MOST_COPIES * (left - one)).any():
                break
            in_test[row] = touched[group[row]] = True
            copies, left = more, left - one
    return in_test


def _whole_groups(rows: NDArray[np.intp], groups: NDArray, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """`count` of the rows, group by group, the last group in part.

    Groups come in the order in which a random draw of rows meets them, as test images meet theirs: so large groups
    come early, and the control loses about as many pictures as the copies are.
    """
    drawn = rng.permutation(rows)
    order, _ = pd.factorize(groups[drawn])
    return drawn[np.argsort(order, kind="stable")][:count]
