"""The learning rate of each step, its fall on plateaus, and how long an epoch has not improved."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medtransfer.settings.recipes import Plateau, Training


@dataclass
class Patience:
    """The least value seen, and the epochs since."""

    least: float = math.inf
    waited: int = 0

    def see(self, value: float) -> bool:
        """Record an epoch's value; returns whether it is less than any before it."""
        better = value < self.least
        self.least = min(value, self.least) if better else self.least
        self.waited = 0 if better else self.waited + 1
        return better


def step_rates(
    rate: float, schedule: Literal["constant", "cosine"], first: int, steps: int, total: int
) -> NDArray[np.float32]:
    """The rates of `steps` steps from step `first` (counted from 0) on, of `total` in all.

    cosine: rate (1 + cos(pi step / total)) / 2, from `rate` towards 0 (Loshchilov and Hutter 2017, equation 5,
    without restarts).
    """
    if schedule == "constant":
        return np.full(steps, rate, dtype=np.float32)
    return (rate * (1 + np.cos(np.pi * np.arange(first, first + steps) / total)) / 2).astype(np.float32)


def lowered(rate: float, plateau: Plateau, patience: Patience) -> float:
    """The rate after an epoch that `patience` has recorded; where it was lowered, the wait starts again."""
    if patience.waited < plateau.patience:
        return rate
    patience.waited = 0
    return min(rate, max(rate * plateau.factor, plateau.minimum))


def to_the_last_epoch(training: Training) -> Training:
    """The same training without anything that looks at validation rows."""
    return training.model_copy(update={"selection": "last", "early_stopping": None, "plateau": None, "snapshots": None})


def minimised(training: Training, epoch: dict[str, float]) -> float:
    """What is smallest in the epoch whose weights are kept; of a recipe that selects none, in the last epoch."""
    match training.selection:
        case "last":
            return -epoch["epoch"]
        case "loss":
            return epoch["val_loss"]
        case quantity:
            return -epoch[f"val_{quantity}"]
