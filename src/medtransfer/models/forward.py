"""A network's output by one graph. Keras's own `predict` traces another graph for a last, smaller batch."""

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

Forward = Callable[[NDArray], NDArray[np.float32]]
COMPILED = "compiled_forward"  # the attribute by which a network keeps it


def forward(network: keras.Model) -> Forward:
    """A function from images or features (N x ..., any N) to the network's output, N x ...

    It follows the network's weights when these change, but no change of layers or of their precision. The network keeps
    its graph, so that a network which is asked again needs no other.
    """
    if keras.backend.backend() != "tensorflow":
        return lambda inputs: np.asarray(network.predict_on_batch(inputs)).astype(np.float32)
    import tensorflow

    if not hasattr(network, COMPILED):
        signature = [tensorflow.TensorSpec((None, *network.input_shape[1:]), "float32")]
        compiled = tensorflow.function(
            lambda inputs: network(inputs, training=False), input_signature=signature, autograph=False
        )
        setattr(network, COMPILED, compiled)
    graph = getattr(network, COMPILED)
    return lambda inputs: graph(tensorflow.cast(inputs, "float32")).numpy().astype(np.float32)
