"""How a split is read: which rows are trained on, validated on, held out."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TEST, DEVELOPMENT, DROPPED = "test", "development", "dropped"
VALIDATION = "validation"  # of a source: watched, not trained on
NO_FOLD = -1  # of rows that are never validated on


def fold_column(repeat: int) -> str:
    """Where the folds of a repeat of the cross-validation stand; the first is `fold`."""
    return "fold" if repeat == 0 else f"fold of repeat {repeat + 1}"


def rows(table: pd.DataFrame, number: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row numbers to train on and to validate on in a fold, counted over all repeats.

    Test rows and dropped ones are in neither.
    """
    repeat, fold = divmod(number, int(table["fold"].max()) + 1)
    development = (table["partition"] == DEVELOPMENT).to_numpy()
    validation = development & (table[fold_column(repeat)] == fold).to_numpy()
    return np.flatnonzero(development & ~validation), np.flatnonzero(validation)


def held_out_rows(table: pd.DataFrame) -> NDArray[np.intp]:
    """Row numbers of the held-out test set."""
    return np.flatnonzero((table["partition"] == TEST).to_numpy())


def left_out_to_trained(table: pd.DataFrame) -> float | None:
    """Images that a fold leaves out over images that it trains on, on average; None with one validation part."""
    development = table[table["partition"] == DEVELOPMENT]
    sizes = development.loc[development["fold"] != NO_FOLD, "fold"].value_counts()
    return None if len(sizes) < 2 else float((sizes / (len(development) - sizes)).mean())
