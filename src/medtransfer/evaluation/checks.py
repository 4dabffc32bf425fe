"""What calibration and decisions take for granted of logits, groups and levels: a wrong input is one sentence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.predictions import Codes, Predictions, Probabilities
from medtransfer.settings.errors import UserError

Groups = NDArray[Any]  # N: the name or the number of each image's patient, or of its picture and the copies of it


def checked_logits(actual: Codes, logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """N x K numbers in double precision; raises UserError where they or the class numbers cannot be used."""
    table = np.asarray(logits, np.float64)
    if table.ndim != 2 or not table.shape[0] or table.shape[1] < 2:
        raise UserError(f"predictions of shape {table.shape}: they need a row per image and a column per class")
    if len(actual) != len(table):
        raise UserError(f"{len(table)} predictions of {len(actual)} images: give a row of predictions for each image")
    wrong = np.asarray(~np.isfinite(table).all(axis=1))
    if wrong.any():
        raise UserError(
            f"{_rows(wrong)} a prediction that is no finite number: train the model again, at a lower learning rate"
        )
    wrong = ~np.isin(actual, np.arange(table.shape[1]))
    if wrong.any():
        raise UserError(f"{_rows(wrong)} a class outside of the {table.shape[1]} that are predicted: check the labels")
    return table


def checked(actual: Codes, probabilities: Probabilities, groups: Groups | None = None) -> NDArray[np.float64]:
    """N x K probabilities in double precision; raises UserError where they, classes or groups cannot be used."""
    table = Predictions.of(actual, probabilities).probabilities
    if groups is not None and len(groups) != len(table):
        raise UserError(f"groups of {len(groups)} images for {len(table)} predictions: name the group of each image")
    return table


def checked_share(value: float, name: str) -> float:
    """A share between 0 and 1, both excluded; raises UserError for any other, calling it by its name."""
    if not 0 < value < 1:
        raise UserError(f"{name} is {value}: it must lie between 0 and 1")
    return value


def _rows(wrong: NDArray[np.bool_]) -> str:
    return f"{wrong.sum()} of {len(wrong)} images (the first is row {wrong.argmax()}) have"
