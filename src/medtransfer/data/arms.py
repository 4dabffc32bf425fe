"""The arms of the leakage experiment: one test set, and three development sets that differ in its copies alone.

`random` is the development set of a random split. `without_copies` lacks every image that shares its group with a test
image. `control` lacks as many images of each class of other groups, so that it is as small as `without_copies`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ARMS = ("random", "without_copies", "control")
MOST_COPIES = 1 / 3  # of a class's images: then at least as many others are left for each that the control loses


@dataclass(frozen=True)
class Arms:
    """Row numbers of one repeat."""

    test: NDArray[np.intp]
    development: dict[str, NDArray[np.intp]]  # by arm


def draw(labels: NDArray, groups: NDArray, test_fraction: float, seed: int) -> Arms:
    """A random test set, stratified by class, and the three development sets.

    Test images are drawn one by one, each class on its own, up to the fraction; sooner where the copies of what is
    drawn exceed a third of the class, which leaves too few images for a control.
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
    in_test = np.zeros(len(labels), dtype=bool)
    touched: set = set()  # groups with an image in test, of any class
    for label in np.unique(labels):
        sizes = dict(zip(*np.unique(groups[labels == label], return_counts=True), strict=True))
        rows = rng.permutation(np.flatnonzero(labels == label))
        wanted, limit = round(fraction * len(rows)), MOST_COPIES * len(rows)
        inside = sum(sizes.get(group, 0) for group in touched)  # images of the class in the groups of test images
        for tested, row in enumerate(rows):
            more = 0 if groups[row] in touched else sizes[groups[row]]
            if tested == wanted or inside + more - tested - 1 > limit:
                break
            in_test[row] = True
            inside += more
            touched.add(groups[row])
    return in_test


def _whole_groups(rows: NDArray[np.intp], groups: NDArray, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """`count` of the rows, group by group in random order, the last group in part."""
    names, code = np.unique(groups[rows], return_inverse=True)
    place = rng.permutation(len(names))
    return rows[np.argsort(place[code], kind="stable")][:count]
