"""Which test images every model is shown on: those that params.yaml names, or some of each class by a rule."""

import difflib
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError
from medtransfer.settings.files import PARAMS

TOGETHER = 6  # images in a figure, of all classes; or one of each class, where there are more classes


def named_images(split: pd.DataFrame, held_out: NDArray[np.integer], named: Sequence[str]) -> list[str]:
    """The ids themselves, in their order; `split` is the data set's, with id and partition, `held_out` its test rows.

    Raises UserError for an id that the set does not have, or that is not in the test set.
    """
    partitions = dict(zip(split["id"], split["partition"], strict=True))
    tested = set(split["id"].to_numpy()[held_out])
    for id in named:
        if id not in partitions:
            close = difflib.get_close_matches(id, partitions, n=1, cutoff=0.5)
            meant = f"did you mean {close[0]}? " if close else ""
            raise UserError(
                f"{PARAMS}: explain.images: there is no image called {id!r} in the data set; {meant}ids are in the "
                "index.csv of data/prepared"
            )
        if id not in tested:
            raise UserError(
                f"{PARAMS}: explain.images: {id} is not in the held-out test set, but {partitions[id]}; name test "
                "images, which the split's csv in data/splits lists"
            )
    return list(named)


def drawn_images(test: pd.DataFrame, classes: Sequence[str], outlined: Collection[str], seed: int) -> list[str]:
    """As many of each class, drawn by the seed alone, so that no model and no result has a say.

    `test` has id, actual and group of every test image. Where images of a class have a lesion outline (`outlined`),
    these are drawn; no two of a group, while there are others.
    """
    each = max(1, TOGETHER // len(classes))
    chosen: list[str] = []
    for code, name in enumerate(classes):
        of_class = test[test["actual"] == name]
        with_outline = of_class["id"].isin(list(outlined))
        pool = of_class[with_outline] if with_outline.any() else of_class
        order = pool.iloc[np.random.default_rng([seed, code]).permutation(len(pool))]
        again = order["group"].duplicated()
        chosen += pd.concat([order[~again], order[again]])["id"].head(each).tolist()
    return chosen
