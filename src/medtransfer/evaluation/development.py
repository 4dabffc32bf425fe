"""What is fitted on development data and saved with a model: temperature, threshold rule, prediction sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.calibration import Temperature, fit_temperature, scaled
from medtransfer.evaluation.checks import Groups
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.conformal import Conformal, fit_conformal
from medtransfer.evaluation.predictions import Codes
from medtransfer.evaluation.thresholds import ARGMAX, ThresholdRule, choose
from medtransfer.settings.errors import UserError


@dataclass(frozen=True)
class OutOfFold:
    """What the folds' models say of the development images that each of them left out."""

    actual: Codes  # N
    logits: NDArray[np.floating]  # N x K; of an ensemble, `log_probabilities`
    groups: Groups  # N
    classes: tuple[str, ...]  # K


@dataclass(frozen=True)
class Wanted:
    """What params.yaml asks for."""

    sensitivity: float | None = None  # of the threshold; None for argmax
    condition: Condition | None = None  # that it is the sensitivity of
    level: float = 0.9  # of the prediction sets


@dataclass(frozen=True)
class Development:
    """Plain values alone, for JSON. The rule and the sets read probabilities at this temperature."""

    temperature: Temperature
    rule: ThresholdRule
    conformal: Conformal | None
    without_conformal: str = ""  # why there are no prediction sets


def fit_development(out_of_fold: OutOfFold, wanted: Wanted) -> Development:
    """The temperature first, then the rule and the sets on probabilities at that temperature.

    Too few images for prediction sets are no reason to stop: `without_conformal` says so. Raises UserError where the
    temperature or the rule that was asked for cannot be had.
    """
    actual, groups = out_of_fold.actual, out_of_fold.groups
    temperature = fit_temperature(actual, out_of_fold.logits)
    probabilities = scaled(out_of_fold.logits, temperature.value)
    rule = ARGMAX
    if wanted.sensitivity is not None:
        if wanted.condition is None:
            raise UserError(
                "a stated sensitivity needs a positive or a healthy class: name one in the data set's entry"
            )
        rule = choose(actual, probabilities, groups, wanted.condition, wanted.sensitivity)
    try:
        conformal = fit_conformal(actual, probabilities, groups, out_of_fold.classes, wanted.level)
    except UserError as reason:
        return Development(temperature, rule, None, str(reason))
    return Development(temperature, rule, conformal)
