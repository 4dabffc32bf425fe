"""Count the images that data sets share: the active one and the others of the study, each against each."""

from dataclasses import asdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from medtransfer import formats
from medtransfer.data.copies import find_copies
from medtransfer.data.duplicates import copies, raised
from medtransfer.data.leakage import kinds_of_copy, overlap
from medtransfer.settings.load import Settings
from stages.common import run


def main(settings: Settings) -> None:
    """So that nobody takes one set for an external test of another that repeats its images."""
    names = [settings.params.dataset, *settings.params.study.other_datasets]
    choice = settings.params.duplicates
    pairs = []
    for both in combinations(names, 2):
        folders = [Path(f"data/prepared/{name}") for name in both]
        indexes = [formats.read_table(folder / "index.csv") for folder in folders]
        thumbnails = np.concatenate([formats.read_array(folder / "thumbnails.npy")[..., 0] for folder in folders])
        index = pd.concat(indexes, ignore_index=True)
        sets = np.repeat([0, 1], [len(one) for one in indexes])
        found = find_copies(index["phash"].tolist(), thumbnails, choice.hash_distance, sets)
        shared = copies(index.assign(patient=""), found.pairs, raised(choice, found.background))
        for this, (name, other) in enumerate((both, both[::-1])):
            kinds = kinds_of_copy(sets == this, sets != this, shared)[sets == this]
            pairs.append({"dataset": name, "other": other} | asdict(overlap(kinds)))
    formats.write_json(Path("metrics/overlap.json"), {"duplicates": choice.model_dump(), "pairs": pairs})
    for pair in pairs:
        counts = f"{pair['exact']} exact, {pair['near']} near, {pair['turned']} mirrored or turned copies"
        print(f"{pair['dataset']}: {counts} in {pair['other']}")


if __name__ == "__main__":
    run(main)
