"""The report's tables, as data frames, from the metrics that stages left."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from medtransfer.settings.datasets import Dataset, KaggleSource, LocalSource

SCORES = {
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "f1": "F1",
    "roc_auc": "AUC",
}
UNDEFINED = "–"  # a value that the numbers do not give


def architectures(measured: Mapping[str, dict[str, Any]]) -> pd.DataFrame:
    """A row per model: its test scores (0..1).

    `copy-free` is the accuracy on the test images that have no copy in development.
    """
    rows = []
    for model, content in measured.items():
        scores = {title: f"{content['test'][name]:.3f}" for name, title in SCORES.items()}
        copy_free = content["test_copy_free"]["accuracy"]
        scores["loss"] = f"{content['test']['loss']:.3f}"
        scores["copy-free"] = UNDEFINED if copy_free is None else f"{copy_free:.3f}"
        rows.append({"model": model} | scores)
    return pd.DataFrame(rows)


def folds(fold_scores: Mapping[str, dict[str, list[float]]]) -> pd.DataFrame:
    """A row per model: its validation accuracy in every fold, their mean and standard deviation (n - 1)."""
    rows = []
    for model, scores in fold_scores.items():
        accuracy = pd.Series(scores["accuracy"])
        each = {f"fold {number}": f"{value:.3f}" for number, value in enumerate(accuracy, start=1)}
        spread = f"{accuracy.std():.3f}" if len(accuracy) > 1 else UNDEFINED
        rows.append({"model": model} | each | {"mean": f"{accuracy.mean():.3f}", "s.d.": spread})
    return pd.DataFrame(rows)


def pairs(comparisons: list[dict[str, Any]], metric: str = "accuracy") -> pd.DataFrame:
    """A row per pair of models: the mean difference of one metric over folds, t and two-sided p."""
    rows = [
        {
            "models": f"{pair['a']} – {pair['b']}",
            "mean difference": f"{pair['mean_difference']:+.3f}",
            "t": UNDEFINED if pair["t"] is None else f"{pair['t']:.2f}",
            "p": UNDEFINED if pair["p"] is None else f"{pair['p']:.3f}",
        }
        for pair in comparisons
        if pair["metric"] == metric
    ]
    return pd.DataFrame(rows, columns=["models", "mean difference", "t", "p"])


def per_class(content: dict[str, Any]) -> pd.DataFrame:
    """A row per class of one model, and their mean: each class against the rest, on the test set."""
    test = content["test"]
    rows = [*zip(content["classes"], test["per_class"], strict=True), ("mean over classes", test["macro"])]
    titles = SCORES | {"precision": "precision"}
    return pd.DataFrame(
        [{"class": name} | {titles[score]: f"{value:.3f}" for score, value in scores.items()} for name, scores in rows]
    )


def localisation(found: Mapping[str, Sequence[dict[str, Any]]]) -> pd.DataFrame:
    """A row per model and method whose heat maps could be held against lesion masks."""
    rows = [
        {
            "model": model,
            "method": scores["method"],
            "map": " × ".join(map(str, scores["map"])),
            "images": scores["images"],
            "hottest cell on the lesion": f"{scores['pointing_game']:.1%}",
            "heat on the lesion": f"{scores['energy_inside']:.1%}",
            "by chance": f"{scores['chance']:.1%}",
        }
        for model, methods in found.items()
        for scores in methods
        if "images" in scores
    ]
    return pd.DataFrame(rows)


def catalogue(datasets: Mapping[str, Dataset]) -> pd.DataFrame:
    """A row per data set: where it comes from, its classes, and what it brings besides labels."""
    rows = []
    for name, entry in datasets.items():
        match entry.source:
            case KaggleSource(slug=slug):
                source = f"[{slug}](https://www.kaggle.com/datasets/{slug})"
            case LocalSource(path=path):
                source = f"`{path}`, on your machine"
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
