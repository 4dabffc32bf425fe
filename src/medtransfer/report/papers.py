"""What a paper prints beside what was measured here: side by side, never mixed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from medtransfer.report.tables import SCORES, UNDEFINED
from medtransfer.schema.reported import Reported, Result

NOT_RUN = "not run"
NOT_MEASURED = "not measured"
FROM_CONFUSION = "accuracy, by its confusion matrix"
TITLES = SCORES | {"precision": "precision", "recall": "recall", "loss": "loss (nats)"}
OUR_NAMES = {"recall": "sensitivity"}  # for metrics that have two names
COLUMNS = ["model", "metric", "paper", "ours", "difference", "printed in"]


def paper_against_ours(reported: Reported, measured: Mapping[str, dict[str, Any]], dataset: str) -> pd.DataFrame:
    """A row per score on `dataset` that a paper prints, and what the same model scores here.

    `measured` maps a model to the content of its metrics file (`classes`, `test`, `folds`). Shares 0..1; the
    difference is ours less the paper's. `ours` is "not run" where the model was not, and "not measured" where this
    score is not. Ours of a validation part is the mean over folds. What is of a single fold, or of their spread, has
    no counterpart here and is left out. Numbers after the source are those of `notes`.
    """
    numbers = {note: number for number, note in enumerate(notes(reported, dataset), start=1)}
    rows = []
    for result in _compared(reported, dataset):
        content = measured.get(result.model)
        source = f"{result.source} [{numbers[result.note]}]" if result.note else result.source
        for title, metric, printed in _printed(result):
            score = None if content is None else _score(content, result, metric)
            absent = NOT_RUN if content is None else NOT_MEASURED
            row = {"model": result.model, "metric": title, "paper": f"{printed:.3f}"}
            row |= {"ours": absent if score is None else f"{score:.3f}"}
            row |= {"difference": UNDEFINED if score is None else f"{score - printed:+.3f}"}
            rows.append(row | {"printed in": source})
    return pd.DataFrame(rows, columns=COLUMNS)


def notes(reported: Reported, dataset: str) -> list[str]:
    """What is to be known of the rows of `paper_against_ours`, in their order, each once."""
    return list(dict.fromkeys(result.note for result in _compared(reported, dataset) if result.note))


def _compared(reported: Reported, dataset: str) -> list[Result]:
    name = reported.same_images.get(dataset, dataset)
    return [
        result
        for result in reported.results
        if result.dataset == name and result.fold is None and result.statistic in (None, "mean")
    ]


def _printed(result: Result) -> list[tuple[str, str, float]]:
    """Title, metric and value of each score, and of the accuracy that a confusion matrix comes to."""
    part = "" if result.part == "test" else f"{result.part} "
    of_class = f", {result.label}" if result.label else ""
    scores: list[tuple[str, str, float]] = [
        (f"{part}{TITLES[metric]}{of_class}", metric, value) for metric, value in result.metrics.items()
    ]
    if result.confusion is None:
        return scores
    right = float(np.trace(result.confusion) / np.sum(result.confusion))
    return [*scores, (f"{part}{FROM_CONFUSION}", "accuracy", right)]


def _score(content: dict[str, Any], result: Result, metric: str) -> float | None:
    name = OUR_NAMES.get(metric, metric)
    if result.part == "test":
        parts = [content["test"]]
    elif result.part == "validation":
        parts = [fold["validation"] for fold in content["folds"]]
    else:
        return None
    if result.label is not None:
        if result.label not in content["classes"]:
            return None
        parts = [part["per_class"][content["classes"].index(result.label)] for part in parts]
    found = [part[name] for part in parts if part.get(name) is not None]
    return float(np.mean(found)) if parts and len(found) == len(parts) else None
