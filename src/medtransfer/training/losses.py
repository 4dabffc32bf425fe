"""Losses of integer labels (N) and logits (N x K), in float32 on any backend.

Each is averaged over the batch as Keras does it: the sum of weight times loss, divided by N.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Loss

LEAST = 1e-7  # of 1 - p: below, the slope of (1 - p)^gamma has no bound where gamma < 1


class OfEachImage(keras.losses.Loss):
    """A loss given by a function of one-hot labels and log-probabilities (both N x K) that returns N losses."""

    def __init__(self, function: Callable[[Any, Any], Any], name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self._function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        one_hot = ops.one_hot(labels, y_pred.shape[-1], dtype="float32")
        return self._function(one_hot, ops.log_softmax(y_pred, axis=-1))


def build_loss(loss: Loss, classes: int, healthy: int | None) -> keras.losses.Loss:
    """A recipe's loss over `classes` classes; `healthy` is the number of the healthy one, where the data has one."""
    match loss.kind:
        case "cross_entropy":
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float32")
        case "focal":
            return OfEachImage(lambda labels, logs: _focal(labels, logs, loss.gamma), "focal")
        case "expected_cost":
            if healthy is None:
                raise UserError(
                    "loss.kind expected_cost needs to know which class is the healthy one; name it in the data set's "
                    "entry in catalog/datasets.yaml (healthy: CLASS), or choose cross_entropy or focal in the recipe"
                )
            costs = cost_matrix(classes, healthy, loss.missed)
            return OfEachImage(lambda labels, logs: _expected_cost(labels, logs, costs), "expected_cost")


def cost_matrix(classes: int, healthy: int, missed: float) -> NDArray[np.float32]:
    """K x K, a row per actual and a column per predicted class: 0 if right, 1 if wrong, `missed` if ill but let go."""
    costs = 1 - np.eye(classes, dtype=np.float32)
    costs[np.arange(classes) != healthy, healthy] = missed
    return costs


def _cross_entropy(one_hot: Any, logs: Any) -> Any:  # noqa: ANN401
    return -ops.sum(one_hot * logs, axis=-1)


def _focal(one_hot: Any, logs: Any, gamma: float) -> Any:  # noqa: ANN401
    """-(1 - p)^gamma log p of the actual class's p: Lin et al. (2017), equation 4, the softmax for the sigmoid.

    Equation 5 has a weight per class in front, which here is the sample weight.
    """
    cross_entropy = _cross_entropy(one_hot, logs)
    rest = ops.maximum(-ops.expm1(-cross_entropy), LEAST)
    return ops.power(rest, gamma) * cross_entropy


def _expected_cost(one_hot: Any, logs: Any, costs: NDArray[np.float32]) -> Any:  # noqa: ANN401
    """Cross-entropy, plus what a decision drawn from the probabilities costs on average (Elkan 2001)."""
    charged = ops.matmul(one_hot, ops.convert_to_tensor(costs))  # each image's row of costs
    return _cross_entropy(one_hot, logs) + ops.sum(charged * ops.exp(logs), axis=-1)
