"""What evaluation is asked for: which model is tested, by which rule it names a class, and what errors cost."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.calibration import log_probabilities, scaled
from medtransfer.evaluation.predictions import Codes, Predictions, Probabilities
from medtransfer.evaluation.thresholds import ARGMAX, ThresholdRule

Kind = Literal["mean", "folds", "refit"]
REFIT = -1  # stands for a fold in tables: the network that is trained on all development rows
IN_WORDS: dict[Kind, str] = {
    "mean": "the mean probability of the folds' networks",
    "folds": "each fold's network: the mean over folds of their scores; tables and curves of single images are of the "
    "folds' mean probability",
    "refit": "one network, trained on all development images",
}


@dataclass(frozen=True)
class Choices:
    """The defaults are argmax of the folds' mean probability, every error costing 1."""

    tested: Kind = "mean"
    rule: ThresholdRule = field(default=ARGMAX)
    temperature: float = 1.0  # at which the rule reads probabilities
    costs: NDArray[np.float64] | None = None  # K x K: a row per actual class

    def predictions(self, actual: Codes, probabilities: Probabilities) -> Predictions:
        """N x K probabilities with the class that the rule names."""
        return Predictions.of(actual, probabilities, self.rule.predict(self.calibrated(probabilities)), self.costs)

    def calibrated(self, probabilities: Probabilities) -> Probabilities:
        """Probabilities at the temperature; they are as they were at temperature 1."""
        return probabilities if self.temperature == 1 else scaled(log_probabilities(probabilities), self.temperature)


def missed_disease(classes: int, healthy: int | None, missed: float) -> NDArray[np.float64]:
    """K x K costs: 1 for an error, `missed` for an image of disease that is called healthy."""
    costs = 1 - np.eye(classes)
    if healthy is not None:
        costs[np.arange(classes) != healthy, healthy] = missed
    return costs
