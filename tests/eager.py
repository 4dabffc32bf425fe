"""Deep networks that run once, without a graph: to trace or compile one takes longer than to run it step by step."""

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow


@contextmanager
def eager() -> Iterator[None]:
    """Functions of TensorFlow run step by step meanwhile, those that Keras compiles for grouped convolutions too."""
    tensorflow.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tensorflow.config.run_functions_eagerly(False)
