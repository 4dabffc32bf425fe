"""Calibration: whether a probability of 90 % is right nine times in ten, and one temperature that helps it to be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups, checked, checked_logits
from medtransfer.evaluation.point_values import BINS, bins_of
from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.evaluation.shares import shares
from medtransfer.settings.errors import UserError

LOG_BOUND = 7.0  # temperatures are searched from e^-7 to e^7
AT_BOUND = 1e-3


@dataclass(frozen=True)
class Temperature:
    """What divides the logits of a model, fitted on its out-of-fold logits."""

    value: float  # above 1 where the model is too sure of itself
    loss_before: float  # log loss of the out-of-fold predictions in nats, at temperature 1
    loss_after: float  # at `value`
    images: int  # that it was fitted on
    unfitted: str = ""  # why there is no best temperature; `value` is then 1, and probabilities stay as they are


def scaled(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Probabilities (N x K): the softmax of logits (N x K) over a temperature (Guo et al. 2017, equation 9).

    The largest class stays the largest.
    """
    from scipy import special

    return special.softmax(np.asarray(logits, np.float64) / temperature, axis=1)


def log_probabilities(probabilities: Probabilities) -> NDArray[np.float64]:
    """What stands for the logits (N x K) of an ensemble; a probability of 0 counts as 2.2e-16, as in the log loss."""
    return np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float64).eps))


def fit_temperature(actual: Codes, logits: NDArray[np.floating]) -> Temperature:
    """The temperature with the least log loss on N x K logits of images that the model was not trained on.

    The loss is convex in 1 / T, so it has one minimum in log T, which a bounded search finds. It has none where every
    prediction is right (it falls without end as T falls to 0), nor where the logits say nothing of the class (it falls
    as T rises): `unfitted` says so. Raises UserError where there are no logits, or all images are of one class.
    """
    from scipy import optimize

    table = checked_logits(actual, logits)
    if len(np.unique(actual)) < 2:
        raise UserError("all out-of-fold predictions are of images of one class: a temperature needs two or more")
    before = _loss(table, actual, 1.0)
    value, unfitted = 1.0, _without_minimum(table, actual)
    if not unfitted:
        minimum = optimize.minimize_scalar(
            lambda log: _loss(table, actual, np.exp(log)),
            bounds=(-LOG_BOUND, LOG_BOUND),
            method="bounded",
            options={"xatol": 1e-7},
        )
        value = float(np.exp(minimum.x))
        if LOG_BOUND - abs(minimum.x) < AT_BOUND:
            value, unfitted = 1.0, f"the search for a temperature ended at its bound, {value:.3g}"
    return Temperature(value, before, _loss(table, actual, value), len(table), unfitted)


def _without_minimum(logits: NDArray[np.float64], actual: Codes) -> str:
    """Why the log loss has no minimum at a positive, finite temperature; empty where it has one."""
    of_actual = logits[np.arange(len(logits)), actual]
    if (of_actual >= logits.max(axis=1)).all():
        return "every out-of-fold prediction is right, so that ever lower temperatures lower the loss"
    # The slope of the loss in 1 / T, at 1 / T = 0.
    if of_actual.mean() <= logits.mean():
        return "the logits say nothing of the class, so that ever higher temperatures lower the loss"
    return ""


def _loss(logits: NDArray[np.float64], actual: Codes, temperature: float) -> float:
    """Mean cross-entropy in nats, from logits so that no probability is 0."""
    from scipy import special

    return float(-special.log_softmax(logits / temperature, axis=1)[np.arange(len(logits)), actual].mean())


def reliability(actual: Codes, probabilities: Probabilities, groups: Groups) -> pd.DataFrame:
    """The reliability diagram of the predicted class (Guo et al. 2017, section 2): a row per bin that has an image.

    Columns: `above` and `up_to` (the bin's ends), `confidence` (the mean probability of the predicted class),
    `accuracy` with `low` and `high` (95 %: Wilson's, or by groups where groups hold several images of the bin),
    `images` and `groups`. Raises UserError for what are no probabilities.
    """
    table = checked(actual, probabilities, groups)
    confidence, right = table.max(axis=1), table.argmax(axis=1) == actual
    bins = bins_of(confidence)
    used = np.flatnonzero(bins.any(axis=0))
    inside = bins[:, used]
    accuracy = shares(np.broadcast_to(right[:, np.newaxis], inside.shape), inside, groups)
    images, group = inside.sum(axis=0), np.asarray(groups)
    return pd.DataFrame(
        {
            "above": used / BINS,
            "up_to": (used + 1) / BINS,
            "confidence": confidence @ inside / images,
            "accuracy": [interval.value for interval in accuracy],
            "low": [interval.low for interval in accuracy],
            "high": [interval.high for interval in accuracy],
            "images": images,
            "groups": [len(np.unique(group[rows])) for rows in inside.T],
        }
    )
