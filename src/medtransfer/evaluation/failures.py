"""Where a model fails: its most confident errors, and its accuracy in parts of the test set and by patient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.store.interval import Interval

FEW = 10  # groups below which nothing is concluded from a part
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """Accuracy in a part of the test set."""

    name: str
    images: int
    groups: int
    accuracy: Interval

    @property
    def is_small(self) -> bool:
        """Whether it has too few groups to say anything."""
        return self.groups < FEW

    def differs_from(self, whole: float) -> bool:
        """Whether it has enough groups, and an interval that leaves out the accuracy over all images."""
        return not self.is_small and not self.accuracy.low <= whole <= self.accuracy.high


def part(name: str, right: Mask, groups: NDArray, mask: Mask) -> Part:
    """One of N images, by a mask (N) with at least one image."""
    return Part(name, int(mask.sum()), len(np.unique(groups[mask])), accuracy(right[mask], groups[mask]))


def quarters(values: NDArray[np.floating]) -> Iterator[tuple[float, float, Mask]]:
    """The quarters of N values by rank, lowest first: their least and largest value, and the mask of their images (N).

    NaN is in none of them. Equal values stay together, so quarters may differ in size, and may be fewer than four.
    """
    ranks = pd.Series(values).rank()  # from 1; equal values have the mean of theirs
    number = np.floor(4 * (ranks.to_numpy() - 0.5) / max(ranks.count(), 1))
    for each in np.unique(number[~np.isnan(number)]):
        mask = number == each
        yield float(values[mask].min()), float(values[mask].max()), mask


def confident_errors(predictions: pd.DataFrame, classes: Sequence[str], count: int) -> pd.DataFrame:
    """The `count` errors of the highest probability, that first, with their row numbers as index.

    `predictions` has id, actual, predicted, and a probability for each class. The result has id, actual, predicted,
    confidence (the probability of the predicted class) and actual_probability (that of the true one).
    """
    table = predictions.reset_index(drop=True)
    probabilities = table[list(classes)].to_numpy()
    number = {name: place for place, name in enumerate(classes)}
    rows = np.arange(len(table))
    outcomes = table[["id", "actual", "predicted"]].assign(
        confidence=probabilities[rows, table["predicted"].map(number).to_numpy(np.intp)],
        actual_probability=probabilities[rows, table["actual"].map(number).to_numpy(np.intp)],
    )
    wrong = outcomes[outcomes["actual"] != outcomes["predicted"]]
    return wrong.sort_values("confidence", ascending=False, kind="stable").head(count)


def by_patient(right: Mask, patients: Sequence[str]) -> pd.DataFrame:
    """A row per patient, the worst first: patient, images, errors, accuracy. Equal accuracy: more images first."""
    table = pd.DataFrame({"patient": patients, "right": right}).groupby("patient")["right"].agg(["size", "sum"])
    table = table.rename(columns={"size": "images"}).reset_index()
    table["errors"] = table["images"] - table["sum"]
    table["accuracy"] = table["sum"] / table["images"]
    ordered = table.sort_values(["accuracy", "images", "patient"], ascending=[True, False, True], ignore_index=True)
    return ordered[["patient", "images", "errors", "accuracy"]]
