"""The outputs of all folds of a trained model for many sets of images."""

from collections.abc import Iterable

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models.build import backbone_of, head_of
from medtransfer.models.predict import predict

BATCH = 64  # images at most


class FoldOutputs:
    """Keeps the weights of every fold, and runs a frozen backbone once for all folds.

    `networks` are one graph with each fold's weights in turn, from images to logits; with `frozen`, the folds differ
    in their heads alone.
    """

    def __init__(self, networks: Iterable[keras.Model], frozen: bool) -> None:
        folds = iter(networks)
        network = next(folds)
        self._backbone = backbone_of(network) if frozen else None
        self._trained = head_of(network) if frozen else network
        self._weights = [self._trained.get_weights()]
        self._weights += [self._trained.get_weights() for _ in folds]

    def __call__(self, images: NDArray) -> NDArray[np.float32]:
        """Logits (folds x N x K) of images (N x H x W x C, 0..255)."""
        inputs = images if self._backbone is None else _in_even_batches(self._backbone, images)
        outputs = []
        for weights in self._weights:
            self._trained.set_weights(weights)
            outputs.append(_in_even_batches(self._trained, inputs))
        return np.stack(outputs)


def _in_even_batches(network: keras.Model, inputs: NDArray) -> NDArray[np.float32]:
    """The last batch is filled up with rows that were there before: for another size, JAX would compile again."""
    batches = -(-len(inputs) // BATCH)
    size = -(-len(inputs) // batches)
    return predict(network, inputs, np.arange(batches * size) % len(inputs), size)[: len(inputs)]
