"""Hold out a test set and build folds, and audit what each strategy of splitting would let leak."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import artefacts, plotting
from medtransfer.config import Config
from medtransfer.data.duplicates import conflicting, groups, likeness, repetitions
from medtransfer.data.leakage import EXACT, audit, twins, worst_pairs
from medtransfer.data.split import split
from medtransfer.errors import UserError
from medtransfer.report.leakage import Pair, audit_figure, gallery
from stages.common import run

STRATEGIES = ("grouped", "random", "shipped")
PAIRS = 2  # of each kind that a gallery shows
BEYOND = 8  # bits past the groups' distance, in which the closest pairs that are no twins are looked for


def main(settings: Config, dataset: str) -> None:
    """The split of a data set as a file, and the audit: the same under every strategy that the set allows."""
    folder = Path(f"data/prepared/{dataset}")
    index = artefacts.read_table(folder / "index.csv")
    images = artefacts.read_array(folder / "images.npy")
    choice, seed = settings.params.split, settings.params.seed
    beyond = likeness(index, choice.group_distance + BEYOND)
    alike = beyond.within(choice.twin_distance)
    group = groups(index["id"], beyond.within(choice.group_distance))
    conflicts = conflicting(index["label"], alike)
    dropped = conflicts if choice.conflicting_labels == "drop" else None
    table = split(index, group, choice, seed, dropped)
    table["twin"] = twins(table["partition"].to_numpy(), alike)
    artefacts.write_table(Path(f"data/splits/{dataset}.csv"), table)
    names, labels = group.to_numpy(), index["label"].to_numpy()
    counts, worst = {}, {}
    for strategy in STRATEGIES:
        if strategy == "shipped" and settings.dataset(dataset).shipped is None:
            continue
        tried = choice.model_copy(update={"strategy": strategy})
        try:
            other = table if tried == choice else split(index, group, tried, seed, dropped)
        except UserError as error:
            print(f"the audit leaves {strategy} out, as this set cannot be split so: {error}")
            continue
        partition = other["partition"].to_numpy()
        counts[strategy] = asdict(audit(partition, alike))
        torn, title = worst_pairs(partition, labels, names, alike), strategy
        if torn.empty:
            torn = worst_pairs(partition, labels, names, beyond).sort_values("bits", kind="stable")
            title = f"{strategy}: no twin torn apart; the most alike pairs that are"
        worst[title] = _pairs(torn, index, images)
    plots = Path(f"plots/leakage/{dataset}")
    plotting.write_png(plots / "audit.png", audit_figure(counts, f"Leakage in {dataset}, by strategy of splitting"))
    plotting.write_png(plots / "gallery.png", gallery(worst))
    summary = {"dataset": dataset, "images": len(index), "strategy": choice.strategy}
    summary |= {"twin_distance": choice.twin_distance} | repetitions(index["label"], group, alike)
    artefacts.write_json(Path(f"metrics/leakage/{dataset}.json"), summary | {"strategies": counts})
    if conflicts.any():
        print(f"{conflicts.sum()} images have the same pixels under two labels: {choice.conflicting_labels}")
    print(table.groupby(["label", "partition", "fold"]).size().unstack([1, 2]).to_string())
    print(pd.DataFrame(counts).T.to_string())


def _pairs(worst: pd.DataFrame, index: pd.DataFrame, images: NDArray[np.uint8]) -> list[Pair]:
    """Some of each kind first: exact twins alone would show nothing but the same picture twice."""
    later = worst.groupby("kind").cumcount() >= PAIRS
    chosen = worst.loc[later.sort_values(kind="stable").index].head(2 * PAIRS)
    ids, labels = index["id"].to_numpy(), index["label"].to_numpy()
    columns = (chosen[name].to_numpy() for name in ("test", "development", "bits", "kind"))
    return [
        Pair(images[a], images[b], (labels[a], labels[b]), (ids[a], ids[b]), int(bits), kind == EXACT)
        for a, b, bits, kind in zip(*columns, strict=True)
    ]


if __name__ == "__main__":
    run(main)
