"""Held-out test set and folds: stratified by class, and no group ever torn apart."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.errors import UserError

TEST, DEVELOPMENT = "test", "development"
NO_FOLD = -1  # of the test rows


def split(index: pd.DataFrame, group: pd.Series, test_fraction: float, folds: int, seed: int) -> pd.DataFrame:
    """Assign every image to the test set or to a fold of the development set.

    Returns id, label, group, partition (`test` or `development`) and fold (0 to folds - 1; -1 in the
    test set), a row per image in the order of the index. Raises UserError where a class has too few groups.
    """
    labels, names = index["label"].to_numpy(), group.to_numpy()
    _refuse_small_classes(labels, names, folds)
    in_test = allocate(labels, names, np.array([test_fraction, 1 - test_fraction]), seed) == 0
    fold = np.full(len(index), NO_FOLD)
    development = ~in_test
    if not development.any():
        raise UserError(f"split.test_fraction = {test_fraction:g} leaves no image to train on: lower it")
    fold[development] = allocate(labels[development], names[development], np.full(folds, 1 / folds), seed + 1)
    table = pd.DataFrame(
        {
            "id": index["id"],
            "label": labels,
            "group": names,
            "partition": np.where(in_test, TEST, DEVELOPMENT),
            "fold": fold,
        }
    )
    _refuse_empty_parts(table, folds)
    return table


def allocate(labels: NDArray, groups: NDArray, fractions: NDArray[np.floating], seed: int) -> NDArray[np.intp]:
    """Put whole groups into parts whose sizes, in every class, come near the fractions (which sum to 1).

    Greedy, the largest groups first and in random order among equals: a group goes to the part that lacks most
    of its own target (as seats go to parties by Sainte-Laguë's rule), each class weighed by its size. So
    small parts get their share of large groups, and single images come to within one of the target.
    """
    _, label_codes = np.unique(labels, return_inverse=True)
    _, group_codes = np.unique(groups, return_inverse=True)
    counts = np.zeros((group_codes.max() + 1, label_codes.max() + 1))
    np.add.at(counts, (group_codes, label_codes), 1)
    totals = counts.sum(axis=0)
    missing = np.outer(fractions, totals)  # parts x classes: what each part still lacks
    shuffled = np.random.default_rng(seed).permutation(len(counts))
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    part_of_group = np.empty(len(counts), dtype=np.intp)
    weights = counts / totals**2
    for group in order:
        part = int(np.argmax(((missing - counts[group] / 2) / fractions[:, None]) @ weights[group]))
        part_of_group[group] = part
        missing[part] -= counts[group]
    return part_of_group[group_codes]


def rows(table: pd.DataFrame, fold: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row numbers to train on and to validate on in a fold; test rows are in neither."""
    development = (table["partition"] == DEVELOPMENT).to_numpy()
    validation = development & (table["fold"] == fold).to_numpy()
    return np.flatnonzero(development & ~validation), np.flatnonzero(validation)


def held_out_rows(table: pd.DataFrame) -> NDArray[np.intp]:
    """Row numbers of the held-out test set."""
    return np.flatnonzero((table["partition"] == TEST).to_numpy())


def _refuse_small_classes(labels: NDArray, groups: NDArray, folds: int) -> None:
    """Each fold and the test set need one group of every class."""
    sizes = pd.DataFrame({"label": labels, "group": groups}).groupby("label")["group"].nunique()
    small = sizes[sizes < folds + 1]
    if small.empty:
        return
    listed = ", ".join(f"{label} has {size}" for label, size in small.items())
    raise UserError(
        f"split.folds = {folds} and a test set need at least {folds + 1} groups (patients, or images that are "
        f"no duplicates) in every class, but {listed}: lower split.folds, or add images"
    )


def _refuse_empty_parts(table: pd.DataFrame, folds: int) -> None:
    parts = {"the test set": table["partition"] == TEST}
    parts |= {f"fold {fold}": table["fold"] == fold for fold in range(folds)}
    for name, inside in parts.items():
        for label, size in table["label"].value_counts().sort_index().items():
            if not (inside & (table["label"] == label)).any():
                raise UserError(
                    f"{name} would hold no image of class {label}, which has {size}: "
                    "raise split.test_fraction, lower split.folds, or add images"
                )
