"""The outputs of a network, batch by batch."""

import keras
import numpy as np
from numpy.typing import NDArray


def predict(network: keras.Model, inputs: NDArray, rows: NDArray[np.integer], size: int) -> NDArray[np.float32]:
    """Outputs (rows x K) of some rows of the inputs in inference mode, `size` at a time.

    Keras's own `predict` reads its inputs through tf.data, which takes longer to start and logs errors that are none.
    """
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    return np.concatenate([network.predict_on_batch(inputs[batch]) for batch in batches]).astype(np.float32)
