"""What is reported of a model, from its folds' probabilities: the same for a network and for an ensemble of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.choices import REFIT, Choices
from medtransfer.evaluation.copy_free import copy_free
from medtransfer.evaluation.disease import DISEASE, disease
from medtransfer.evaluation.metrics import roc_curve
from medtransfer.evaluation.predictions import Predictions, require_every_class
from medtransfer.evaluation.resampling import Draws, draw_groups
from medtransfer.evaluation.roc_band import roc_band
from medtransfer.evaluation.scores import scores, scores_of_folds
from medtransfer.settings.resolved import Classes


@dataclass(frozen=True)
class Summary:
    """What evaluation hands on."""

    metrics: dict[str, Any]  # the fields of `store.records.Evaluation`, but for its origin
    predictions: pd.DataFrame  # id, actual, predicted, copy, a probability per class: a row per test image
    roc: pd.DataFrame  # class, false_positive_rate, true_positive_rate
    band: pd.DataFrame  # class, false_positive_rate, low, high


def summarise(
    test: pd.DataFrame, probabilities: pd.DataFrame, classes: Classes, choices: Choices | None = None
) -> Summary:
    """Scores of every fold's model on what it left out, and of the tested model on the test set.

    `test` has id, label, group and copy, a row per test image; `probabilities` id, group, actual, fold, partition
    (validation or test) and a column per class: the test images of every fold, and of REFIT where that is tested, in
    the order of `test`. `disease` has scores of disease against no disease, where several classes are diseases. Raises
    UserError where a class has no image, or the probabilities are none.
    """
    choices, names, positive = choices or Choices(), classes.names, classes.code(classes.positive)
    rows = dict(iter(probabilities.groupby(["fold", "partition"])))
    folds = range(probabilities["fold"].max() + 1)
    on_test = [rows[fold, "test"][names].to_numpy() for fold in folds]
    on_validation = [rows[fold, "validation"] for fold in folds]
    actual = classes.codes(test["label"])
    for part in (actual, *(classes.codes(validation["actual"]) for validation in on_validation)):
        require_every_class(part, names)
    single = rows[REFIT, "test"][names].to_numpy() if choices.tested == "refit" else np.mean(on_test, axis=0)
    tested, draws = choices.predictions(actual, single), _draws(test)
    of_folds = [choices.predictions(actual, each) for each in on_test]
    each = of_folds if choices.tested == "folds" else [tested]
    metrics: dict[str, Any] = {
        "classes": names,
        "averaging": classes.positive or "mean over classes",
        "tested": choices.tested,
        "images": len(test),
        "groups": test["group"].nunique(),
        "test": _scores(each, positive, draws),
        "test_copy_free": copy_free(tested, (test["copy"] == "").to_numpy(), test["group"].to_numpy()),
        "disease": _disease(each, classes.code(classes.healthy), draws),
        "folds": [
            {
                "fold": fold,
                "validation": scores(
                    _validated(rows, classes, choices), positive, draw_groups(rows["group"].to_numpy())
                ),
                "test": scores(on, positive, draws),
            }
            for fold, (rows, on) in enumerate(zip(on_validation, of_folds, strict=True))
        ],
    }
    predictions = pd.DataFrame(
        {
            "id": test["id"],
            "actual": test["label"],
            "predicted": np.array(names)[tested.predicted],
            "copy": test["copy"],
        }
    ).assign(**dict(zip(names, single.T, strict=True)))
    drawn = [code for code in range(len(names)) if positive in (None, code)]
    curves = [_curve(actual, single, code).assign(**{"class": names[code]}) for code in drawn]
    bands = [roc_band(actual == code, single[:, code], draws).assign(**{"class": names[code]}) for code in drawn]
    order = ["class", "false_positive_rate"]
    return Summary(
        metrics,
        predictions,
        pd.concat(curves)[[*order, "true_positive_rate"]],
        pd.concat(bands)[[*order, "low", "high"]],
    )


def mean_of_members(members: Sequence[pd.DataFrame], classes: list[str]) -> pd.DataFrame:
    """A soft-voting ensemble: the mean of its members' probabilities, row by row.

    All members have the same rows, else ValueError, and their other columns stay.
    """
    if any(
        not member[["id", "fold"]].reset_index(drop=True).equals(members[0][["id", "fold"]].reset_index(drop=True))
        for member in members
    ):
        raise ValueError("the members of an ensemble are scored on different rows")
    mean = np.mean([member[classes].to_numpy() for member in members], axis=0)
    return members[0].assign(**dict(zip(classes, mean.T, strict=True)))


def _scores(each: list[Predictions], positive: int | None, draws: Draws) -> dict[str, Any]:
    return scores(each[0], positive, draws) if len(each) == 1 else scores_of_folds(each, positive, draws)


def _disease(each: list[Predictions], healthy: int | None, draws: Draws) -> dict[str, Any] | None:
    if healthy is None:
        return None
    return _scores([disease(predictions, healthy) for predictions in each], DISEASE, draws)


def _draws(rows: pd.DataFrame) -> Draws:
    return draw_groups(rows["group"].to_numpy())


def _validated(rows: pd.DataFrame, classes: Classes, choices: Choices) -> Predictions:
    return choices.predictions(classes.codes(rows["actual"]), rows[classes.names].to_numpy())


def _curve(actual: NDArray[np.integer], probabilities: NDArray[np.floating], code: int) -> pd.DataFrame:
    false, true = roc_curve(actual, probabilities, code)
    return pd.DataFrame({"false_positive_rate": false, "true_positive_rate": true})
