"""All that is reported of a model, from its folds' probabilities: the same for a network and for a vote of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.copy_free import copy_free
from medtransfer.evaluation.curves import roc_points
from medtransfer.evaluation.metrics import scores


@dataclass(frozen=True)
class Summary:
    """What evaluation hands on."""

    metrics: dict[str, Any]
    predictions: pd.DataFrame  # id, actual, predicted, copy, a probability per class: a row per test image
    roc: pd.DataFrame  # class, false_positive_rate, true_positive_rate


def summarise(
    test: pd.DataFrame, folds: Sequence[NDArray], validation: Sequence[pd.DataFrame], classes: list[str], positive: str
) -> Summary:
    """Scores of every fold's model on what it left out, and of all folds' mean probability on the test set.

    `test` has id, label and copy, a row per test image; `folds` each fold's probabilities of them (N x K);
    `validation` for each fold the class columns and `actual`. `positive` is a class's name or empty.
    """
    codes = {name: number for number, name in enumerate(classes)}
    leading = codes.get(positive)
    actual = test["label"].map(codes).to_numpy()
    mean = np.mean(folds, axis=0)
    free = (test["copy"] == "").to_numpy()
    metrics: dict[str, Any] = {
        "classes": classes,
        "averaging": positive or "mean over classes",
        "images": len(test),
        "test": scores(actual, mean, leading),
        "test_copy_free": copy_free(actual, mean.argmax(axis=1), free),
        "folds": [
            {
                "fold": fold,
                "validation": scores(left_out["actual"].map(codes).to_numpy(), left_out[classes].to_numpy(), leading),
                "test": scores(actual, probabilities, leading),
            }
            for fold, (probabilities, left_out) in enumerate(zip(folds, validation, strict=True))
        ],
    }
    predictions = pd.DataFrame(mean, columns=classes)
    predictions.insert(0, "copy", test["copy"].to_numpy())
    predictions.insert(0, "predicted", np.array(classes)[mean.argmax(axis=1)])
    predictions.insert(0, "actual", test["label"].to_numpy())
    predictions.insert(0, "id", test["id"].to_numpy())
    curves = []
    for number, name in enumerate(classes):
        if leading in (None, number):
            false, true = roc_points(actual == number, mean[:, number])
            curves.append(pd.DataFrame({"class": name, "false_positive_rate": false, "true_positive_rate": true}))
    return Summary(metrics, predictions, pd.concat(curves))


def soft_vote(members: Sequence[pd.DataFrame], classes: list[str]) -> pd.DataFrame:
    """The mean of members' probabilities, row by row; all have the same rows, and their other columns stay."""
    mean = np.mean([member[classes].to_numpy() for member in members], axis=0)
    return members[0].assign(**{name: mean[:, number] for number, name in enumerate(classes)})
