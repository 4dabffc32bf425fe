"""Images that belong together: of one number, or joined by a chain of pairs."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def first_alike(numbers: NDArray[np.integer]) -> NDArray[np.intp]:
    """The first row that has the same number, for every row; a row without one (-1) is its own."""
    rows = pd.Series(np.arange(len(numbers)))
    first = rows.groupby(numbers).transform("first")
    return first.where(numbers >= 0, rows).to_numpy()


def components(count: int, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.intp]:
    """The number of its connected component for each of `count` rows; `first` and `second` are linked pairwise."""
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.intp)
