"""Held-out test set and folds, stratified by class, under three strategies."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Split
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, NO_FOLD, TEST, fold_column

UNEVEN = 0.25  # how far a part's share of the pictures may be from split.test_fraction, relative to it


def split(
    index: pd.DataFrame,
    group: pd.Series,
    choice: Split,
    seed: int,
    dropped: NDArray[np.bool_] | None = None,
    picture: NDArray | None = None,
) -> pd.DataFrame:
    """Assign every image to the test set or to a fold of the development set.

    `grouped` keeps every group whole; `random` ignores groups, as most papers do; `shipped` takes the set's own
    test set, and keeps groups whole within the rest. Parts come near their fractions in images and in pictures, of
    every class. Rows that are `dropped` go nowhere. `index` needs id, label, and for `shipped` that column (train or
    test); `picture` is a number for each image, which copies share; by default every group
    is one picture.

    Returns id, label, group, picture, partition (`test`, `development` or `dropped`) and fold, a row per image in the
    order of the index. A fold is 0 to folds - 1; with folds = 1, fold 0 is the part to validate on. All other
    rows have -1. Each further repeat has a column of folds of its own (`partitions.fold_column`). Raises UserError
    where a class is too small.
    """
    labels, names = index["label"].to_numpy(), group.to_numpy()
    picture = pd.factorize(names)[0] if picture is None else picture
    alone = choice.strategy == "random"  # every image is a unit of its own
    units, pictures = (index["id"].to_numpy(), None) if alone else (names, picture)
    used = np.ones(len(index), dtype=bool) if dropped is None else ~dropped
    in_test = _test_rows(index, units, pictures, used, choice, seed)
    development = used & ~in_test
    table = pd.DataFrame(
        {
            "id": index["id"],
            "label": labels,
            "group": names,
            "picture": picture,
            "partition": np.select([in_test, used], [TEST, DEVELOPMENT], DROPPED),
        }
    )
    fractions = _fold_fractions(choice, int(used.sum()), int(development.sum()))
    kept = None if pictures is None else pictures[development]
    for repeat in range(choice.repeats):
        part = allocate(labels[development], units[development], fractions, seed + 1 + repeat, kept)
        table[fold_column(repeat)] = NO_FOLD
        table.loc[development, fold_column(repeat)] = np.where(part < choice.folds, part, NO_FOLD)
        _refuse_empty_parts(table.assign(fold=table[fold_column(repeat)]), choice)
    return table


def count_pictures(table: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """By part of a split (`test`, `fold 1`, ..., `training`) and class: its images and its pictures."""
    parts = np.select(
        [table["partition"] == TEST, table["partition"] == DROPPED, table["fold"] == NO_FOLD],
        ["test", "dropped", "training"],
        "fold " + (table["fold"] + 1).astype(str),
    )
    return {
        str(part): {
            str(label): {"images": len(rows), "pictures": int(rows["picture"].nunique())}
            for label, rows in within.groupby("label")
        }
        for part, within in table.groupby(parts)
    }


def uneven_parts(table: pd.DataFrame, choice: Split) -> list[str]:
    """A sentence for each class whose share of pictures in the test set is far from split.test_fraction."""
    used = table[table["partition"] != DROPPED]
    sentences = []
    for label, rows in used.groupby("label"):
        share = rows.loc[rows["partition"] == TEST, "picture"].nunique() / rows["picture"].nunique()
        if choice.strategy == "grouped" and abs(share - choice.test_fraction) > UNEVEN * choice.test_fraction:
            sentences.append(
                f"the test set has {share:.0%} of the pictures of class {label}, where split.test_fraction = "
                f"{choice.test_fraction:g}: its groups are few or large"
            )
    return sentences


def allocate(
    labels: NDArray, groups: NDArray, fractions: NDArray[np.floating], seed: int, pictures: NDArray | None = None
) -> NDArray[np.intp]:
    """Put whole groups into parts whose sizes, in every class, come near the fractions (which sum to 1).

    Sizes are counted in images and, with `pictures` (a number an image), in pictures too, which weigh as much.

    Greedy, the largest groups first and in random order among equals: a group goes to the part that lacks most
    of its own target (as seats go to parties by Sainte-Laguë's rule), each class weighed by its size. So
    small parts get their share of large groups, and single images come to within one of the target.
    """
    _, label_codes = np.unique(labels, return_inverse=True)
    _, group_codes = np.unique(groups, return_inverse=True)
    counts = np.zeros((group_codes.max() + 1, label_codes.max() + 1))
    np.add.at(counts, (group_codes, label_codes), 1)
    if pictures is not None:
        counts = np.hstack([counts, _pictures_of_groups(group_codes, label_codes, pictures)])
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


def _pictures_of_groups(group_codes: NDArray, label_codes: NDArray, pictures: NDArray) -> NDArray[np.floating]:
    """Groups x classes: how many pictures each has."""
    counts = np.zeros((group_codes.max() + 1, label_codes.max() + 1))
    once = pd.DataFrame({"group": group_codes, "label": label_codes, "picture": pictures}).drop_duplicates()
    np.add.at(counts, (once["group"], once["label"]), 1)
    return counts


def _test_rows(
    index: pd.DataFrame, units: NDArray, pictures: NDArray | None, used: NDArray[np.bool_], choice: Split, seed: int
) -> NDArray[np.bool_]:
    if choice.strategy == "shipped":
        shipped = index["shipped"].to_numpy()
        if (nowhere := shipped == "").any():
            raise UserError(
                f"split.strategy = shipped: {int(nowhere.sum())} of {len(index)} images are in no train or test part "
                "of the set's own; choose split.strategy: grouped, or name the parts under `shipped` in "
                "catalog/datasets.yaml"
            )
        return used & (shipped == "test")
    if not used.any():
        raise UserError("split.conflicting_labels = drop leaves no image: all show pictures that have two labels")
    labels = index["label"].to_numpy()
    _refuse_small_classes(labels[used], units[used], choice.folds)
    in_test = np.zeros(len(index), dtype=bool)
    fractions = np.array([choice.test_fraction, 1 - choice.test_fraction])
    kept = None if pictures is None else pictures[used]
    in_test[used] = allocate(labels[used], units[used], fractions, seed, kept) == 0
    return in_test


def _fold_fractions(choice: Split, used: int, development: int) -> NDArray[np.floating]:
    """Shares of the development set: of every fold, or of the validation part and the rest."""
    if not development and choice.strategy == "shipped":
        raise UserError(
            "split.strategy = shipped: the set's own train part has no image; choose split.strategy: grouped"
        )
    if not development:
        raise UserError(f"split.test_fraction = {choice.test_fraction:g} leaves no image to train on: lower it")
    if choice.validation_fraction is None:
        return np.full(choice.folds, 1 / choice.folds)
    share = choice.validation_fraction * used / development
    if share >= 1:
        raise UserError(
            f"split.validation_fraction = {choice.validation_fraction:g} of {used} images leaves none of the "
            f"{development} development images to train on: lower it"
        )
    return np.array([share, 1 - share])


def _refuse_small_classes(labels: NDArray, groups: NDArray, folds: int) -> None:
    """Each fold and the test set need one group of every class."""
    needed = max(folds, 2) + 1
    sizes = pd.DataFrame({"label": labels, "group": groups}).groupby("label")["group"].nunique()
    small = sizes[sizes < needed]
    if small.empty:
        return
    listed = ", ".join(f"{label} has {size}" for label, size in small.items())
    raise UserError(
        f"split.folds = {folds} and a test set need at least {needed} groups (patients, or images that are "
        f"no duplicates) in every class, but {listed}: lower split.folds, or add images"
    )


def _refuse_empty_parts(table: pd.DataFrame, choice: Split) -> None:
    parts = {"the test set": table["partition"] == TEST}
    parts |= {f"fold {fold}": table["fold"] == fold for fold in range(choice.folds)}
    if choice.folds == 1:
        parts["the training set"] = (table["partition"] == DEVELOPMENT) & (table["fold"] == NO_FOLD)
    for name, inside in parts.items():
        for label, size in table["label"].value_counts().sort_index().items():
            if not (inside & (table["label"] == label)).any():
                raise UserError(
                    f"{name} would hold no image of class {label}, which has {size}: "
                    "raise split.test_fraction or split.validation_fraction, lower split.folds, or add images"
                )
