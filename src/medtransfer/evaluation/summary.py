"""What is reported of a model, from its folds' probabilities: the same for a network and for an ensemble of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtransfer.evaluation.copy_free import copy_free
from medtransfer.evaluation.disease import DISEASE, disease
from medtransfer.evaluation.metrics import roc_curve
from medtransfer.evaluation.predictions import Predictions, require_every_class
from medtransfer.evaluation.scores import scores
from medtransfer.resampling import draw_groups
from medtransfer.settings.resolved import Classes


@dataclass(frozen=True)
class Summary:
    """What evaluation hands on."""

    metrics: dict[str, Any]  # the fields of `store.records.Evaluation`, but for its origin
    predictions: pd.DataFrame  # id, actual, predicted, copy, a probability per class: a row per test image
    roc: pd.DataFrame  # class, false_positive_rate, true_positive_rate


def summarise(test: pd.DataFrame, probabilities: pd.DataFrame, classes: Classes) -> Summary:
    """Scores of every fold's model on what it left out, and of all folds' mean probability on the test set.

    `test` has id, label, group and copy, a row per test image; `probabilities` id, actual, fold, partition (validation
    or test) and a column per class: the test images of every fold in the order of `test`. Intervals are of the scores
    on the test set; `disease` has these scores of disease against no disease, where several classes are diseases.
    Raises UserError where a class has no image, or the probabilities are none.
    """
    names, positive = classes.names, classes.code(classes.positive)
    rows = dict(iter(probabilities.groupby(["fold", "partition"])))
    number_of_folds = probabilities["fold"].max() + 1
    on_test = [rows[fold, "test"][names].to_numpy() for fold in range(number_of_folds)]
    on_validation = [rows[fold, "validation"] for fold in range(number_of_folds)]
    actual, mean = classes.codes(test["label"]), np.mean(on_test, axis=0)
    for part in (actual, *(classes.codes(validation["actual"]) for validation in on_validation)):
        require_every_class(part, names)
    tested, draws = Predictions.of(actual, mean), draw_groups(test["group"].to_numpy())
    healthy = classes.code(classes.healthy)
    metrics: dict[str, Any] = {
        "classes": names,
        "averaging": classes.positive or "mean over classes",
        "images": len(test),
        "groups": test["group"].nunique(),
        "test": scores(tested, positive, draws),
        "test_copy_free": copy_free(tested, (test["copy"] == "").to_numpy(), test["group"].to_numpy()),
        "disease": None if healthy is None else scores(disease(tested, healthy), DISEASE, draws),
        "folds": [
            {
                "fold": fold,
                "validation": scores(
                    Predictions.of(classes.codes(validation["actual"]), validation[names].to_numpy()), positive
                ),
                "test": scores(Predictions.of(actual, on_test[fold]), positive),
            }
            for fold, validation in enumerate(on_validation)
        ],
    }
    predicted = np.array(names)[tested.predicted]
    predictions = pd.DataFrame(
        {"id": test["id"], "actual": test["label"], "predicted": predicted, "copy": test["copy"]}
    ).assign(**dict(zip(names, mean.T, strict=True)))
    curves = []
    for code, name in enumerate(names):
        if positive in (None, code):
            false, true = roc_curve(actual, mean, code)
            curves.append(pd.DataFrame({"class": name, "false_positive_rate": false, "true_positive_rate": true}))
    return Summary(metrics, predictions, pd.concat(curves))


def mean_of_members(members: Sequence[pd.DataFrame], classes: list[str]) -> pd.DataFrame:
    """A soft-voting ensemble: the mean of its members' probabilities, row by row.

    All members have the same rows, and their other columns stay.
    """
    mean = np.mean([member[classes].to_numpy() for member in members], axis=0)
    return members[0].assign(**dict(zip(classes, mean.T, strict=True)))
