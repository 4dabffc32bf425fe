"""METRICS: every score of predictions, one row each. All that computes, shows or compares scores reads this table.

To add a metric, add its row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation import point_values, proportions, resampled
from medtransfer.evaluation.predictions import Codes, Predictions, Probabilities
from medtransfer.evaluation.proportions import Counted
from medtransfer.evaluation.resampled import Resamples

# Table of architectures, tests between models, `dvc metrics diff`, and the table of one model's scores.
Place = Literal["architectures", "comparison", "headline", "details"]
EVERYWHERE = frozenset[Place]({"architectures", "comparison", "headline", "details"})
DETAILS = frozenset[Place]({"details"})


@dataclass(frozen=True)
class Metric:
    """One score. A metric per class also has a column in the tables of single classes."""

    title: str
    function: Callable[[Predictions], Any]  # a number, or K numbers: each class against the rest
    per_class: bool = False
    higher_is_better: bool = True
    shown: frozenset[Place] = EVERYWHERE
    unit: str = ""  # of a metric that is no share
    other_names: tuple[str, ...] = ()  # that papers print it under
    every_class: bool = False  # whether a class without images leaves it undefined; one per class is so anyway
    raised_by_chance: bool = False  # whether few images alone make it larger than it is
    # Which images are successes and which are trials, of a score that is a proportion: see `proportions`.
    proportion: Callable[[Predictions], Counted] | None = None
    # All resamples at once, as `function` gives each: B values, or B x K. Without it `function` is called B times.
    resampled: Callable[[Resamples], NDArray[np.float64]] | None = None


def roc_curve(
    actual: Codes, probabilities: Probabilities, code: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates of a class against the rest, from (0, 0) to (1, 1), a point per distinct score.

    Raises UserError where every image is of the class, or none.
    """
    from sklearn import metrics

    positive = point_values.both(actual == code)
    false, true, _ = metrics.roc_curve(positive, probabilities[:, code], drop_intermediate=False)
    return false, true


def shown_in(place: Place) -> dict[str, Metric]:
    """The metrics that are shown there, by key, in the order of the table."""
    return {key: metric for key, metric in METRICS.items() if place in metric.shown}


def by_printed_name() -> dict[str, str]:
    """The key of a metric for each name that a paper may print it under, its key included."""
    return {name: key for key, metric in METRICS.items() for name in (key, *metric.other_names)}


METRICS: dict[str, Metric] = {
    "accuracy": Metric("accuracy", point_values.accuracy, proportion=proportions.right),
    "balanced_accuracy": Metric(
        "balanced accuracy",
        point_values.balanced_accuracy,
        shown=DETAILS,
        every_class=True,
        resampled=resampled.balanced_accuracy,
    ),
    "sensitivity": Metric(
        "sensitivity",
        point_values.of_classes("recall_score"),
        per_class=True,
        other_names=("recall",),
        proportion=proportions.of_actual,
    ),
    "specificity": Metric(
        "specificity",
        point_values.of_the_rest("recall_score"),
        per_class=True,
        proportion=proportions.of_the_rest(proportions.of_actual),
    ),
    "precision": Metric(
        "PPV",
        point_values.of_classes("precision_score"),
        per_class=True,
        shown=frozenset[Place]({"headline", "details"}),
        other_names=("precision", "PPV"),
        proportion=proportions.of_predicted,
    ),
    "npv": Metric(
        "NPV",
        point_values.of_the_rest("precision_score"),
        per_class=True,
        shown=DETAILS,
        other_names=("NPV",),
        proportion=proportions.of_the_rest(proportions.of_predicted),
    ),
    "f1": Metric("F1", point_values.of_classes("f1_score"), per_class=True, resampled=resampled.f1),
    "roc_auc": Metric("AUC", point_values.of_ranks("roc_auc_score"), per_class=True, resampled=resampled.roc_auc),
    "average_precision": Metric(
        "average precision",
        point_values.of_ranks("average_precision_score"),
        per_class=True,
        shown=DETAILS,
        resampled=resampled.average_precision,
    ),
    "matthews": Metric(
        "Matthews correlation",
        point_values.matthews,
        shown=DETAILS,
        other_names=("MCC",),
        every_class=True,
        resampled=resampled.matthews,
    ),
    "kappa": Metric("Cohen's kappa", point_values.kappa, shown=DETAILS, every_class=True, resampled=resampled.kappa),
    "loss": Metric(
        "loss",
        point_values.log_loss,
        higher_is_better=False,
        shown=frozenset[Place]({"architectures", "headline", "details"}),
        unit="nats",
        resampled=resampled.mean_of(point_values.log_losses),
    ),
    "brier": Metric(
        "Brier score",
        point_values.brier,
        higher_is_better=False,
        shown=DETAILS,
        unit="squared error",
        resampled=resampled.mean_of(point_values.squared_errors),
    ),
    "calibration_error": Metric(
        "calibration error",
        point_values.calibration_error,
        higher_is_better=False,
        shown=frozenset[Place]({"architectures", "headline", "details"}),
        other_names=("ECE",),
        raised_by_chance=True,
        resampled=resampled.calibration_error,
    ),
    "maximum_calibration_error": Metric(
        "maximum calibration error",
        point_values.maximum_calibration_error,
        higher_is_better=False,
        shown=DETAILS,
        other_names=("MCE",),
        raised_by_chance=True,
        resampled=resampled.maximum_calibration_error,
    ),
    "cost": Metric(
        "expected cost",
        point_values.cost,
        higher_is_better=False,
        shown=DETAILS,
        unit="cost of an image",
        resampled=resampled.mean_of(point_values.costs_of_images),
    ),
}
