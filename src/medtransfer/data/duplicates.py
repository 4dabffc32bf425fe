"""Which images belong together: those of one patient, and those with the same pixels."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def groups(index: pd.DataFrame) -> pd.Series:
    """A group's name for every row of the index: rows that share a patient or their pixels share a group.

    Sharing is passed on: two patients with one image in common are one group. The name is the id of
    the group's first image.
    """
    rows = np.arange(len(index))
    links = [pd.Series(rows).groupby(index["sha256"].to_numpy()).transform("first")]
    if (named := index["patient"] != "").any():
        first = pd.Series(rows).groupby(index["patient"].to_numpy()).transform("first")
        links.append(first.where(named.to_numpy(), pd.Series(rows)))
    ends = np.concatenate([link.to_numpy() for link in links])
    starts = np.tile(rows, len(links))
    graph = coo_matrix((np.ones(len(ends)), (starts, ends)), shape=(len(index), len(index)))
    _, component = connected_components(graph, directed=False)
    first_of_group = pd.Series(rows).groupby(component).transform("first").to_numpy()
    return pd.Series(index["id"].to_numpy()[first_of_group], index=index.index, name="group")
