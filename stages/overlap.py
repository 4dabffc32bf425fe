"""Count the images that data sets share: the active one and the others of the study, each against each."""

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.split.audit import kinds_of_copy, overlap
from medtransfer.data.split.pictures import copies, raised
from medtransfer.settings.command import run
from medtransfer.settings.params import Params


def main(params: Params) -> None:
    """Shows whether one set can be an external test for another."""
    choice, pairs = params.duplicates, []
    for both in combinations([params.dataset, *params.study.other_datasets], 2):
        indexes = [store.prepared(name).index.read() for name in both]
        thumbnails = np.concatenate([store.prepared(name).thumbnails.read()[..., 0] for name in both])
        index = pd.concat(indexes, ignore_index=True)
        sets = np.repeat([0, 1], [len(one) for one in indexes])
        search = find_copies(index["phash"].tolist(), thumbnails, choice.hash_distance, sets)
        shared = copies(index.assign(patient=""), search.pairs, raised(choice, search.background))
        for this, (name, other) in enumerate((both, both[::-1])):
            kinds = kinds_of_copy(sets == this, sets != this, shared)[sets == this]
            pairs.append({"dataset": name, "other": other} | asdict(overlap(kinds)))
    store.overlap().write({"duplicates": choice.model_dump(), "pairs": pairs})
    for pair in pairs:
        counts = f"{pair['exact']} exact, {pair['near']} near, {pair['turned']} mirrored or turned copies"
        print(f"{pair['dataset']}: {counts} in {pair['other']}")


if __name__ == "__main__":
    run(main)
