"""The outputs of a network, batch by batch, and the probabilities that logits stand for."""

import keras
import numpy as np
from numpy.typing import NDArray
from scipy import special

from medtransfer.models.forward import forward


def predict(network: keras.Model, inputs: NDArray, rows: NDArray[np.integer], size: int) -> NDArray[np.float32]:
    """Outputs (rows x K) of some rows of the inputs in inference mode, `size` at a time.

    Keras's own `predict` reads its inputs through tf.data, which takes longer to start and logs errors that are none.
    """
    outputs, batches = forward(network), [rows[start : start + size] for start in range(0, len(rows), size)]
    return np.concatenate([outputs(inputs[batch]) for batch in batches])


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (N x K) of logits (N x K), without overflow."""
    return special.softmax(np.asarray(logits, np.float64), axis=1)
