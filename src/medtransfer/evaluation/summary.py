"""All that is reported of a model, from its folds' probabilities: the same for a network and for a vote of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtransfer.evaluation.copy_free import copy_free
from medtransfer.evaluation.curves import roc_points
from medtransfer.evaluation.metrics import scores
from medtransfer.settings.resolved import Classes


@dataclass(frozen=True)
class Summary:
    """What evaluation hands on."""

    metrics: dict[str, Any]
    predictions: pd.DataFrame  # id, actual, predicted, copy, a probability per class: a row per test image
    roc: pd.DataFrame  # class, false_positive_rate, true_positive_rate


def summarise(test: pd.DataFrame, probabilities: pd.DataFrame, classes: Classes) -> Summary:
    """Scores of every fold's model on what it left out, and of all folds' mean probability on the test set.

    `test` has id, label and copy, a row per test image; `probabilities` id, actual, fold, partition (validation or
    test) and a column per class: the test images of every fold in the order of `test`.
    """
    names, leading = classes.names, classes.code(classes.positive)
    parts = dict(iter(probabilities.groupby("partition")))
    number_of_folds = probabilities["fold"].max() + 1
    folds = [parts["test"].loc[parts["test"]["fold"] == fold, names].to_numpy() for fold in range(number_of_folds)]
    left_out = [parts["validation"][parts["validation"]["fold"] == fold] for fold in range(number_of_folds)]
    actual, mean = classes.codes(test["label"]), np.mean(folds, axis=0)
    free = (test["copy"] == "").to_numpy()
    metrics: dict[str, Any] = {
        "classes": names,
        "averaging": classes.positive or "mean over classes",
        "images": len(test),
        "test": scores(actual, mean, leading),
        "test_copy_free": copy_free(actual, mean.argmax(axis=1), free),
        "folds": [
            {
                "fold": fold,
                "validation": scores(classes.codes(rows["actual"]), rows[names].to_numpy(), leading),
                "test": scores(actual, answers, leading),
            }
            for fold, (answers, rows) in enumerate(zip(folds, left_out, strict=True))
        ],
    }
    predictions = pd.DataFrame(mean, columns=names)
    predictions.insert(0, "copy", test["copy"].to_numpy())
    predictions.insert(0, "predicted", np.array(names)[mean.argmax(axis=1)])
    predictions.insert(0, "actual", test["label"].to_numpy())
    predictions.insert(0, "id", test["id"].to_numpy())
    curves = []
    for number, name in enumerate(names):
        if leading in (None, number):
            false, true = roc_points(actual == number, mean[:, number])
            curves.append(pd.DataFrame({"class": name, "false_positive_rate": false, "true_positive_rate": true}))
    return Summary(metrics, predictions, pd.concat(curves))


def soft_vote(members: Sequence[pd.DataFrame], classes: list[str]) -> pd.DataFrame:
    """The mean of members' probabilities, row by row; all have the same rows, and their other columns stay."""
    mean = np.mean([member[classes].to_numpy() for member in members], axis=0)
    return members[0].assign(**{name: mean[:, number] for number, name in enumerate(classes)})
