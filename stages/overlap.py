"""Find the images that data sets share: the active one and the others of the study, each against each."""

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.data.duplicates.candidates import Known
from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.split.audit import Overlap, overlap
from medtransfer.data.split.pictures import copies, raised
from medtransfer.data.split.shared import shared_kinds, shared_table
from medtransfer.data.split.source_rows import source_rows
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store import digests


def main(params: Params) -> None:
    """Shows whether one set can be an external test for another, and leaves their copies out of sources."""
    names = sorted([params.dataset, *params.study.other_datasets])
    store.compared_sets().write(names)
    described: Known = {}  # each data set is in several pairs
    for one, other in combinations(names, 2):
        store.shared_pictures(one, other).write(_shared(one, other, params, described))
    pairs = [
        {"dataset": name, "other": other} | asdict(_overlap(name, other))
        for one, another in combinations([params.dataset, *params.study.other_datasets], 2)
        for name, other in ((one, another), (another, one))
    ]
    store.overlap().write({"duplicates": params.duplicates.model_dump(), "pairs": pairs})
    for pair in pairs:
        counts = f"{pair['exact']} exact, {pair['near']} near, {pair['turned']} mirrored or turned copies"
        print(f"{pair['dataset']}: {counts} in {pair['other']}")
    targets = [params.dataset, *params.study.external]
    left_out = {source: _source(source, targets, params.seed) for source in params.study.sources}
    store.left_out_of_sources().write(left_out)


def _shared(one: str, other: str, params: Params, described: Known) -> pd.DataFrame:
    """Pixels, picture and turn of every image of two data sets."""
    indexes = {name: store.prepared(name).index.read() for name in (one, other)}
    thumbnails = np.concatenate([store.prepared(name).thumbnails.read()[..., 0] for name in indexes])
    index = pd.concat([table.assign(dataset=name) for name, table in indexes.items()], ignore_index=True)
    sets = pd.factorize(index["dataset"])[0]
    search = find_copies(index["phash"].tolist(), thumbnails, params.duplicates.hash_distance, sets, described)
    pictures = copies(index.assign(patient=""), search.pairs, raised(params.duplicates, search.background))
    return shared_table(index, pictures)


def _overlap(name: str, other: str) -> Overlap:
    table = store.shared_pictures(name, other).read()
    return overlap(shared_kinds(table, name))


def _source(name: str, targets: list[str], seed: int) -> dict[str, object]:
    """Writes the rows of a source; returns its images, and those left out by kind of copy."""
    datasets = store.datasets_of_sources().read()[name]
    indexes = {dataset: store.prepared(dataset).index.read() for dataset in datasets}
    kinds = {
        dataset: [shared_kinds(store.shared_pictures(dataset, target).read(), dataset) for target in targets]
        for dataset in datasets
    }
    copied = {dataset: np.any([kind != "" for kind in each], axis=0) for dataset, each in kinds.items()}
    store.source_rows(name).write(source_rows(indexes, copied, seed))
    store.source_images(name).write(
        {dataset: digests.of_file(store.prepared(dataset).images.path) for dataset in datasets}
    )
    counted = {
        dataset: {target: asdict(overlap(kind)) for target, kind in zip(targets, each, strict=True)}
        for dataset, each in kinds.items()
    }
    left = {dataset: int(each.sum()) for dataset, each in copied.items()}
    return {"datasets": counted, "left_out": left}


if __name__ == "__main__":
    run(main)
