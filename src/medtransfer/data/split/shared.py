"""What two data sets share, as a table that later stages ask: which images of one have a copy in the other."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.split.audit import kinds_of_copy
from medtransfer.data.split.pictures import Copies

NUMBERS = ["pixels", "picture", "turn"]


def shared_table(index: pd.DataFrame, copies: Copies) -> pd.DataFrame:
    """A row per image of both sets (columns dataset and id of the index): the numbers by which copies are equal."""
    return index[["dataset", "id"]].assign(**{name: getattr(copies, name) for name in NUMBERS})


def shared_kinds(table: pd.DataFrame, dataset: str, others: NDArray[np.bool_] | None = None) -> NDArray[np.str_]:
    """For each image of one of the two data sets, the kind of copy that it has in the other: see `kinds_of_copy`.

    `others` marks the images of the other set that count, in its order; all of them where it is left out.
    """
    own = (table["dataset"] == dataset).to_numpy()
    counted = ~own
    if others is not None:
        counted[~own] = others
    none = np.full(len(table), -1, np.intp)
    shared = Copies(**{name: table[name].to_numpy(np.intp) for name in NUMBERS}, group=none, patient=none)
    return kinds_of_copy(own, counted, shared)[own]
