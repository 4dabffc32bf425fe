"""What a paper prints besides results: images in each part beside ours, names of models, scores of other works."""

from collections.abc import Mapping, Sequence

import pandas as pd

from medtransfer.report.estimates import score_cell
from medtransfer.report.numbers import UNDEFINED
from medtransfer.settings.reported import Images, Reported
from medtransfer.store.partitions import DROPPED, held_out_rows, rows
from medtransfer.store.records import Evaluation

PARTS = {"training": "train", "validation": "validation", "test": "test", "total": "total"}


def our_images(split: pd.DataFrame) -> dict[str, str]:
    """Images in each part of a split, by the names of `PARTS`; of several folds that differ, the least and the most.

    The total holds those that are left out too, which have an entry of their own where there are some.
    """
    folds = [rows(split, fold) for fold in range(int(split["fold"].max()) + 1)]
    counts = {"training": {len(train) for train, _ in folds}, "validation": {len(left_out) for _, left_out in folds}}
    counts |= {"test": {len(held_out_rows(split))}, "total": {len(split)}}
    if dropped := int((split["partition"] == DROPPED).sum()):
        counts["left out"] = {dropped}
    return {part: " to ".join(map(str, sorted({min(sizes), max(sizes)}))) for part, sizes in counts.items()}


def images_against_ours(reported: Reported, ours: dict[str, str] | None, dataset: str) -> pd.DataFrame:
    """A row per part of `dataset` that the paper counts, and what `our_images` gives; None: it was not split here.

    A part that is left out here (one picture under two labels) has a row too. Empty where the paper counts no images.
    """
    table = []
    for entry in printed_images(reported, dataset):
        printed = {part: getattr(entry, key) for part, key in PARTS.items()}
        shown = [part for part in (ours or printed) if printed.get(part) is not None or part == "left out"]
        table += [
            {
                "images": part,
                "paper": UNDEFINED if printed.get(part) is None else str(printed[part]),
                "ours": UNDEFINED if ours is None else ours[part],
                "printed in": entry.source,
            }
            for part in shown
        ]
    return pd.DataFrame(table)


def printed_images(reported: Reported, dataset: str) -> list[Images]:
    """What the paper counts of a data set."""
    name = reported.same_images.get(dataset, dataset)
    return [entry for entry in reported.images if entry.dataset == name]


def names_of_models(reported: Reported, dataset: str) -> dict[str, str]:
    """What the paper calls each model that it has results of on `dataset`."""
    name = reported.same_images.get(dataset, dataset)
    printed: dict[str, list[str]] = {}
    for result in reported.results:
        if result.dataset == name:
            printed.setdefault(result.model, []).append(result.printed_as)
    return {model: "; ".join(dict.fromkeys(names)) for model, names in printed.items()}


def literature(reported: Reported) -> pd.DataFrame:
    """A row per score that the paper quotes of another work; without any, empty."""
    table = [
        {
            "work": entry.printed_as,
            "reference": entry.reference,
            "data set, as the paper calls it": entry.dataset or UNDEFINED,
            "accuracy": str(entry.accuracy),
            "printed in": entry.source,
        }
        for entry in reported.literature
    ]
    return pd.DataFrame(table)


def stand_ins(reported: Reported, evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """A row per model that stands in for models of the paper: their test accuracy there, and its own with interval."""
    rows = [
        {
            "model": model,
            "in place of": ", ".join(reported.stand_ins[model]),
            "paper": printed_accuracy(reported, reported.stand_ins[model]),
            "ours": score_cell(evaluation.test, "accuracy"),
        }
        for model, evaluation in evaluations.items()
    ]
    return pd.DataFrame(rows)


def printed_accuracy(reported: Reported, models: Sequence[str]) -> str:
    """The test accuracy that a paper prints of some models: the lowest and the highest, over its data sets too."""
    values = [
        result.metrics["accuracy"]
        for result in reported.results
        if result.model in models and "accuracy" in result.metrics and result.part == "test"
        if result.label is None and result.fold is None and result.statistic is None
    ]
    if not values:
        return UNDEFINED
    low, high = min(values), max(values)
    return f"{low:.3f}" if low == high else f"{low:.3f} to {high:.3f}"
