"""The images that a source is trained on: all but the copies of images that its weights will be tested on."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.split.split import allocate
from medtransfer.settings.errors import UserError
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, VALIDATION

VALIDATION_SHARE = 0.1
FEWEST = 10  # images of a class, of which one is validated on


def source_rows(
    indexes: Mapping[str, pd.DataFrame], copied: Mapping[str, NDArray[np.bool_]], seed: int
) -> pd.DataFrame:
    """A row per image of the data sets: dataset, id, label, group, partition.

    `indexes` need id, label, patient and phash; `copied` marks the images that are left out (`dropped`). The others
    are trained on (`development`), or watched (`validation`), by whole patients or, where none is named, pictures of
    one hash. Of several data sets the classes stay apart, named DATASET/CLASS. Raises UserError where too few images of
    a class are left.
    """
    parts = []
    for name, index in indexes.items():
        label = index["label"] if len(indexes) == 1 else name + "/" + index["label"]
        group = index["patient"].where(index["patient"] != "", index["phash"])
        partition = np.where(copied[name], DROPPED, DEVELOPMENT)
        columns = {"dataset": name, "id": index["id"], "label": label, "group": group, "partition": partition}
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True)
    kept = (table["partition"] == DEVELOPMENT).to_numpy()
    for of, count in table["label"].value_counts().items():
        left = int((kept & (table["label"] == of)).sum())
        if left < FEWEST:
            raise UserError(
                f"{' and '.join(indexes)} cannot be a source: {left} of {count} images of {of} are no "
                f"copies of images of the study's other data sets, and {FEWEST} are needed; name another source in "
                "backbone.weights of the recipe"
            )
    fractions = np.array([1 - VALIDATION_SHARE, VALIDATION_SHARE])
    part = allocate(table["label"].to_numpy()[kept], table["group"].to_numpy()[kept], fractions, seed)
    table.loc[kept, "partition"] = np.where(part == 1, VALIDATION, DEVELOPMENT)
    return table
