"""The report's tables, as data frames, from the metrics that stages left."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from medtransfer.comparison.tests import interval_of_mean
from medtransfer.report.estimates import cell, score_cell
from medtransfer.report.numbers import UNDEFINED
from medtransfer.settings.datasets import Dataset, KaggleSource, LocalSource, UnionSource
from medtransfer.store.interval import Interval
from medtransfer.store.records import Evaluation, MethodScores


def folds(evaluations: Mapping[str, Evaluation], repeats: int = 1) -> pd.DataFrame:
    """A row per model: its validation accuracy in every fold, their mean, standard deviation (n - 1).

    A fold's interval is that of its images, by groups; the mean's that of the corrected t-test.
    """
    rows = []
    for model, evaluation in evaluations.items():
        accuracy = np.array(evaluation.validation("accuracy"), np.float64)
        each = {f"fold {fold.fold + 1}": score_cell(fold.validation, "accuracy") for fold in evaluation.folds}
        spread = f"{accuracy.std(ddof=1):.3f}" if len(accuracy) > 1 else UNDEFINED
        mean = cell(float(accuracy.mean()), interval_of_mean(accuracy, repeats))
        rows.append({"model": model} | each | {"mean": mean, "s.d.": spread})
    return pd.DataFrame(rows)


def localisation(measured: Mapping[str, Sequence[MethodScores]]) -> pd.DataFrame:
    """A row per model and saliency map that could be held against lesion masks."""
    rows = [
        {
            "model": model,
            "method": scores.title,
            "map": " × ".join(map(str, scores.map)),
            "images": scores.images,
            "groups": scores.groups,
            "highest cell": f"{scores.pointing_game:.1%}",
            "cell above chance": _interval(scores.pointing_above_chance),
            "whole map": f"{scores.energy_inside:.1%}",
            "map above chance": _interval(scores.energy_above_chance),
            "by chance": f"{scores.chance:.1%}",
        }
        for model, methods in measured.items()
        for scores in methods
        if scores.images
    ]
    return pd.DataFrame(rows)


def _interval(share: Interval | None) -> str:
    """In points, with the 95 % interval."""
    return UNDEFINED if share is None else f"{100 * share.value:+.1f} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def catalogue(datasets: Mapping[str, Dataset]) -> pd.DataFrame:
    """A row per data set: where it comes from, its classes, and what it brings besides labels."""
    rows = []
    for name, entry in datasets.items():
        match entry.source:
            case KaggleSource(slug=slug):
                source = f"[{slug}](https://www.kaggle.com/datasets/{slug})"
            case LocalSource(path=path):
                source = f"`{path}`, on your machine"
            case UnionSource(members=members):
                source = f"{', '.join(f'`{member}`' for member in members)} together"
            case _:
                source = "made by code"
        expected = entry.expected.values() if isinstance(entry.expected, dict) else [entry.expected or 0]
        brings = {
            "patients": entry.patient or (entry.matlab and entry.matlab.patient),
            "lesion outlines": entry.masks or entry.outlines or (entry.matlab and entry.matlab.mask),
            "train and test parts": entry.shipped,
        }
        row = {"data set": f"`{name}`", "source": source, "classes": ", ".join(entry.classes)}
        row |= {"images": str(sum(expected) or UNDEFINED)}
        row |= {"brings": ", ".join(what for what, given in brings.items() if given) or UNDEFINED}
        rows.append(row | {"used by": entry.used_by or UNDEFINED})
    return pd.DataFrame(rows)
