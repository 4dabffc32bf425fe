"""Hold out a test set and build folds, and audit what each strategy of splitting would let leak."""

import sys
from dataclasses import asdict
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from medtransfer import store
from medtransfer.data.split.audit import closest_apart
from medtransfer.data.split.pictures import copies, raised, repetitions
from medtransfer.data.split.split import count_pictures, uneven_parts
from medtransfer.data.split.strategies import Audit, Splitting, audit_strategies
from medtransfer.explain.chosen import named_images
from medtransfer.report.copies import Images, copies_sheet, gallery, groups_sheet
from medtransfer.report.leakage import audit_figure, pictures
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.partitions import held_out_rows


def main(params: Params, dataset: str) -> None:
    """The split of a data set as a file, and the audit: the same under every strategy that the set allows."""
    index, pairs = store.prepared(dataset).index.read(), store.duplicates(dataset).pairs.read()
    thresholds = raised(params.duplicates, store.duplicates(dataset).background.read().similarity)
    splitting = Splitting(index, pairs, copies(index, pairs, thresholds), params.split, params.seed)
    table = splitting.table(params.split.strategy)
    # a wrong id is refused here, not after all training
    named_images(table, held_out_rows(table), params.explain.images)
    store.split(dataset).write(table)

    audit = audit_strategies(splitting)
    counts = {strategy: asdict(leakage) for strategy, leakage in audit.leakage.items()}
    summary: dict[str, Any] = {"dataset": dataset, "images": len(index), "strategy": params.split.strategy}
    summary |= {"duplicates": params.duplicates.model_dump(), "used": thresholds.model_dump()}
    summary |= repetitions(index["label"], splitting.shared)
    store.leakage(dataset).write(summary | {"strategies": counts, "parts": count_pictures(table)})
    for name, picture in pictures(_figures(dataset, splitting, audit)).items():
        store.leakage_figures(dataset)[name].write(picture)

    if conflicts := splitting.conflicts.sum():
        print(f"{conflicts} images show a picture that has two labels: {params.split.conflicting_labels}")
    for strategy, reason in audit.impossible.items():
        print(f"the audit leaves {strategy} out, as this set cannot be split so: {reason}")
    for warning in uneven_parts(table, params.split):
        print(f"warning: {dataset}: {warning}", file=sys.stderr)
    print(table.groupby(["label", "partition", "fold"]).size().unstack([1, 2]).to_string())
    print(pd.DataFrame(counts).T.to_string())


def _figures(dataset: str, splitting: Splitting, audit: Audit) -> dict[str, Figure]:
    """The audit's bars, pairs, closest pairs of two groups, one picture with its copies, and the largest groups."""
    pixels, labels, shared = (
        store.prepared(dataset).images.read(),
        splitting.index["label"].to_numpy(),
        splitting.shared,
    )
    images = Images(pixels, splitting.index["id"].to_numpy(), labels)
    counts = {strategy: asdict(leakage) for strategy, leakage in audit.leakage.items()}
    apart = closest_apart(splitting.pairs, labels, shared)
    closest = {"the most alike pairs of two groups, which a split may separate": images.pairs(apart, 16, 16)}
    return {
        "audit": audit_figure(counts, f"Leakage in {dataset}, by strategy of splitting"),
        "gallery": gallery({title: images.pairs(rows, 2, 4) for title, rows in audit.pairs.items()}),
        "closest": gallery(closest),
        "copies": copies_sheet(pixels, shared.picture, shared.turn),
        "groups": groups_sheet(pixels, shared.group, labels),
    }


if __name__ == "__main__":
    run(main)
