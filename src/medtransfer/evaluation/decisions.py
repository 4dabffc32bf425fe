"""What follows from a model's probabilities beyond scores: calibration, decisions at a threshold, prediction sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from medtransfer.evaluation.calibration import log_probabilities, reliability
from medtransfer.evaluation.choices import Choices, Kind, missed_disease
from medtransfer.evaluation.condition import Condition, condition_of
from medtransfer.evaluation.conformal import Coverage, coverage
from medtransfer.evaluation.decision_curve import decision_curve
from medtransfer.evaluation.development import Development, OutOfFold, Wanted, fit_development
from medtransfer.evaluation.intervals import intervals_of
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.operating_points import OperatingPoint, operating_points, predictive_values
from medtransfer.evaluation.predictions import Codes, Predictions, Probabilities
from medtransfer.evaluation.resampling import Draws, draw_groups
from medtransfer.evaluation.thresholds import ThresholdRule
from medtransfer.settings.params import Evaluate
from medtransfer.settings.resolved import Classes
from medtransfer.store.interval import Interval

OF_CALIBRATION = ("loss", "brier", "calibration_error", "maximum_calibration_error")


Ends = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Decisions:
    """Of one model, on the held-out test set."""

    condition: str | None  # what sensitivity is of: the positive class, or "disease"; None of a set with neither
    rule: ThresholdRule
    temperature: float
    unfitted: str  # why no temperature was fitted
    before: dict[str, float]  # the scores of calibration at temperature 1
    after: dict[str, float]  # and at the fitted temperature
    operating_points: list[OperatingPoint]
    prevalence: float | None
    ppv: Interval | None  # at that prevalence; None, as npv, where none is stated or nothing is called so
    npv: Interval | None
    level: float  # of the prediction sets
    coverage: Coverage | None
    without_coverage: str  # why there are no prediction sets
    before_ends: Ends = field(default_factory=dict)  # 95 % intervals of `before`, where they can be told
    after_ends: Ends = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """The held-out test images, and what the tested model says of them."""

    actual: Codes  # N
    probabilities: Probabilities  # N x K
    groups: Any  # N


def out_of_fold(split: pd.DataFrame, probabilities: pd.DataFrame, classes: Classes) -> OutOfFold:
    """What the folds' models say of the images that each left out (partition validation)."""
    rows = probabilities[probabilities["partition"] == "validation"]
    groups = split.set_index("id").loc[rows["id"], "group"].to_numpy()
    logits = log_probabilities(rows[classes.names].to_numpy())
    return OutOfFold(classes.codes(rows["actual"]), logits, groups, tuple(classes.names))


def develop(images: OutOfFold, classes: Classes, wanted: Evaluate) -> Development:
    """What is fitted on them."""
    sensitivity = None if wanted.threshold == "argmax" else wanted.threshold
    return fit_development(images, Wanted(sensitivity, condition(classes), wanted.coverage))


def choices(classes: Classes, wanted: Evaluate, development: Development) -> Choices:
    """How the test set is scored."""
    tested: Kind = wanted.tested
    costs = missed_disease(len(classes.names), _healthy(classes), wanted.missed)
    return Choices(tested, development.rule, development.temperature.value, costs)


def decide(
    held: Held, classes: Classes, wanted: Evaluate, development: Development
) -> tuple[Decisions, dict[str, pd.DataFrame]]:
    """The record, and the tables `reliability` and, of a set with a condition, `decision_curve`."""
    of, how = condition(classes), choices(classes, wanted, development)
    named, calibrated = how.predictions(held.actual, held.probabilities), how.calibrated(held.probabilities)
    tables = {"reliability": _reliability(held, calibrated)}
    points: list[OperatingPoint] = []
    ppv = npv = None
    if of is not None:
        points = operating_points(held.actual, calibrated, of, held.groups)
        tables["decision_curve"] = decision_curve(held.actual, calibrated, of, held.groups)
        if wanted.prevalence is not None:
            called = of.of(named.predicted)
            intervals = predictive_values(held.actual, called, of, held.groups, wanted.prevalence)
            ppv, npv = (None if np.isnan([each.value, each.low, each.high]).any() else each for each in intervals)
    sets = development.conformal
    scaled_down = Predictions.of(held.actual, calibrated, named.predicted)
    before, after = _of_calibration(named), _of_calibration(scaled_down)
    draws = draw_groups(held.groups)
    record = Decisions(
        condition=None if of is None else classes.positive or "disease",
        rule=development.rule,
        temperature=development.temperature.value,
        unfitted=development.temperature.unfitted,
        before=before,
        after=after,
        operating_points=points,
        prevalence=wanted.prevalence,
        ppv=ppv,
        npv=npv,
        level=wanted.coverage,
        coverage=None if sets is None else coverage(sets, held.actual, calibrated, held.groups),
        without_coverage=development.without_conformal,
        before_ends=_ends(named, before, draws),
        after_ends=_ends(scaled_down, after, draws),
    )
    return record, tables


def condition(classes: Classes) -> Condition | None:
    """What is told from its absence; None of a set that names no positive and no healthy class."""
    return condition_of(classes.code(classes.positive), classes.code(classes.healthy))


def _healthy(classes: Classes) -> int | None:
    """The class without disease; of two classes, the one that is not positive."""
    positive = classes.code(classes.positive)
    return 1 - positive if positive is not None and len(classes.names) == 2 else classes.code(classes.healthy)


def _reliability(held: Held, calibrated: Probabilities) -> pd.DataFrame:
    parts: Mapping[str, Probabilities] = {"before": held.probabilities, "after": calibrated}
    tables = [reliability(held.actual, each, held.groups).assign(scaling=name) for name, each in parts.items()]
    return pd.concat(tables)


def _of_calibration(predictions: Predictions) -> dict[str, float]:
    return {key: float(METRICS[key].function(predictions)) for key in OF_CALIBRATION}


def _ends(predictions: Predictions, points: dict[str, float], draws: Draws) -> Ends:
    return {key: (low, high) for key, (low, high, _) in intervals_of(predictions, points, draws).items()}
