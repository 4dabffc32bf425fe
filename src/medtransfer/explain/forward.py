"""A network's output, compiled once. Keras's own `predict` traces another graph for a last, smaller batch."""

from collections.abc import Callable
from typing import Any

import keras
from numpy.typing import NDArray

Forward = Callable[[NDArray], Any]


def forward(network: keras.Model) -> Forward:
    """A function from images (N x H x W x C, any N) to the network's output, a tensor of the backend, N x ...

    It follows the network's weights when these change.
    """
    if keras.backend.backend() != "tensorflow":
        return network.predict_on_batch
    import tensorflow

    signature = [tensorflow.TensorSpec((None, *network.input_shape[1:]), "float32")]
    compiled = tensorflow.function(
        lambda images: network(images, training=False), input_signature=signature, autograph=False
    )
    return lambda images: compiled(tensorflow.cast(images, "float32"))
