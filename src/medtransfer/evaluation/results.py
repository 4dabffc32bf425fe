"""All that is written of an evaluated model: what was fitted on development images, and its results on the test set."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from medtransfer.evaluation.calibration import scaled
from medtransfer.evaluation.decisions import Decisions, Held, choices, condition, decide, develop, out_of_fold
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.summary import summarise
from medtransfer.evaluation.thresholds import threshold_curve
from medtransfer.settings.params import Evaluate
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import held_out_rows


@dataclass(frozen=True)
class Results:
    """Of one model, a network or an ensemble."""

    metrics: dict[str, Any]  # see `summary.Summary`
    development: Development
    decisions: Decisions
    tables: dict[
        str, pd.DataFrame
    ]  # predictions, roc, band, reliability, and of a condition thresholds, decision_curve


def evaluate(split: pd.DataFrame, probabilities: pd.DataFrame, classes: Classes, wanted: Evaluate) -> Results:
    """From the split (a row per image) and the probabilities of `summary.summarise`.

    Raises UserError where a class has no image, where probabilities are none, or where a threshold that `wanted` asks
    for cannot be had.
    """
    images = out_of_fold(split, probabilities, classes)
    development = develop(images, classes, wanted)
    test = split.iloc[held_out_rows(split)]
    grouped = probabilities.assign(group=probabilities["id"].map(split.set_index("id")["group"]))
    summary = summarise(test, grouped, classes, choices(classes, wanted, development))
    held = Held(classes.codes(test["label"]), summary.predictions[classes.names].to_numpy(), test["group"].to_numpy())
    decisions, tables = decide(held, classes, wanted, development)
    tables |= {"predictions": summary.predictions, "roc": summary.roc, "band": summary.band}
    if of := condition(classes):
        calibrated = scaled(images.logits, development.temperature.value)
        tables["thresholds"] = threshold_curve(images.actual, calibrated, of)
    return Results(summary.metrics, development, decisions, tables)
