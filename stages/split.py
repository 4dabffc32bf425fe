"""Hold out a test set and build folds, and audit what each strategy of splitting would let leak."""

import sys
from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from medtransfer import plotting, store
from medtransfer.command import run
from medtransfer.data.split.audit import audit, closest_apart, copies_in_development, torn, worst_copies
from medtransfer.data.split.pictures import conflicting, copies, group_names, raised, repetitions
from medtransfer.data.split.split import count_pictures, split, uneven_parts
from medtransfer.errors import UserError
from medtransfer.orientations import oriented
from medtransfer.report.copies import Pair, change_in_words, copies_sheet, gallery, groups_sheet
from medtransfer.report.leakage import audit_figure
from medtransfer.settings.params import Params

STRATEGIES = ("grouped", "random", "shipped")
PAIRS = 2  # of each kind that a gallery shows


def main(params: Params, dataset: str) -> None:
    """The split of a data set as a file, and the audit: the same under every strategy that the set allows."""
    prepared, searched = store.prepared(dataset), store.duplicates(dataset)
    index, images, pairs = prepared.index.read(), prepared.images.read(), searched.pairs.read()
    choice, seed, thresholds = (
        params.split,
        params.seed,
        raised(params.duplicates, searched.background.read().similarity),
    )
    found = copies(index, pairs, thresholds)
    group, labels = group_names(index["id"], found), index["label"].to_numpy()
    conflicts = conflicting(index["label"], found)
    dropped = conflicts if choice.conflicting_labels == "drop" else None

    table = split(index, group, choice, seed, dropped, found.picture)
    table["copy"] = copies_in_development(table["partition"].to_numpy(), found)
    store.split(dataset).write(table)

    counts, shown = {}, {}
    two_labels = pairs[labels[pairs["first"]] != labels[pairs["second"]]]
    if conflicts.any():
        shown["one picture under two labels, whatever the split"] = worst_copies(two_labels, labels, found)
    for strategy in STRATEGIES:
        if strategy == "shipped" and not (index["shipped"] != "").any():
            continue
        tried = choice.model_copy(update={"strategy": strategy})
        try:
            other = table if tried == choice else split(index, group, tried, seed, dropped, found.picture)
        except UserError as error:
            print(f"the audit leaves {strategy} out, as this set cannot be split so: {error}")
            continue
        partition = other["partition"].to_numpy()
        counts[strategy] = asdict(audit(partition, found))
        between = torn(partition, pairs)
        worst, title = worst_copies(between, labels, found), strategy
        if worst.empty:
            worst, title = (
                closest_apart(between, labels, found),
                f"{strategy}: no copy torn apart; the most alike pairs",
            )
        shown[title] = worst
    apart = {"the most alike pairs of two groups, which may be torn apart": closest_apart(pairs, labels, found)}

    show = partial(_pairs, index=index, images=images)
    figures = {
        "audit": audit_figure(counts, f"Leakage in {dataset}, by strategy of splitting"),
        "gallery": gallery({title: show(rows, PAIRS, 4) for title, rows in shown.items()}),
        "closest": gallery({title: show(rows, 16, 16) for title, rows in apart.items()}),
        "copies": copies_sheet(images, found.picture, found.turn),
        "groups": groups_sheet(images, found.group, labels),
    }
    for name, figure in figures.items():
        store.leakage_figures(dataset)[name].write(plotting.png(figure))
    summary: dict[str, Any] = {"dataset": dataset, "images": len(index), "strategy": choice.strategy}
    summary |= (
        {"duplicates": params.duplicates.model_dump()}
        | {"used": thresholds.model_dump()}
        | repetitions(index["label"], found)
    )
    summary |= {"strategies": counts, "parts": count_pictures(table)}
    store.leakage(dataset).write(summary)
    if conflicts.any():
        print(f"{conflicts.sum()} images show a picture that stands under two labels: {choice.conflicting_labels}")
    for warning in uneven_parts(table, choice):
        print(f"warning: {dataset}: {warning}", file=sys.stderr)
    print(table.groupby(["label", "partition", "fold"]).size().unstack([1, 2]).to_string())
    print(pd.DataFrame(counts).T.to_string())


def _pairs(rows: pd.DataFrame, of_each: int, most: int, *, index: pd.DataFrame, images: NDArray) -> list[Pair]:
    """Some of each kind first: exact copies alone would show nothing but the same picture twice."""
    later = rows.groupby("kind").cumcount() >= of_each
    chosen = rows.loc[later.sort_values(kind="stable").index].head(most)
    ids, labels = index["id"].to_numpy(), index["label"].to_numpy()
    return [
        Pair(
            images[row["first"]],
            oriented(images[row["second"]], row["orientation"], axes=(0, 1)),
            (labels[row["first"]], labels[row["second"]]),
            (ids[row["first"]], ids[row["second"]]),
            change_in_words(row),
        )
        for row in ({str(key): value for key, value in row.items()} for row in chosen.to_dict("records"))
    ]


if __name__ == "__main__":
    run(main)
