"""A network's output, compiled once. Keras's own `predict` traces another graph for a last, smaller batch."""

from collections.abc import Callable
from typing import Any

import keras
from numpy.typing import NDArray

Forward = Callable[[NDArray], Any]
COMPILED = "compiled_forward"  # the attribute by which a network keeps it


def forward(network: keras.Model) -> Forward:
    """A function from images or features (N x ..., any N) to the network's output, a tensor of the backend, N x ...

    It follows the network's weights when these change.
    """
    if keras.backend.backend() != "tensorflow":
        return network.predict_on_batch
    import tensorflow

    if not hasattr(network, COMPILED):
        signature = [tensorflow.TensorSpec((None, *network.input_shape[1:]), "float32")]
        compiled = tensorflow.function(
            lambda inputs: network(inputs, training=False), input_signature=signature, autograph=False
        )
        setattr(network, COMPILED, compiled)
    return lambda inputs: getattr(network, COMPILED)(tensorflow.cast(inputs, "float32"))
