"""Rows in a new order every epoch, chosen by a seed alone: the same in any process, on any backend."""

import math

import keras
import numpy as np
from numpy.typing import NDArray


class Batches(keras.utils.PyDataset):
    """Shuffled batches of some rows of an array held in memory or in a memory map."""

    def __init__(
        self, inputs: NDArray, labels: NDArray[np.integer], rows: NDArray[np.intp], batch_size: int, seed: int
    ) -> None:
        super().__init__()
        self._inputs, self._labels, self._rows = inputs, labels, rows
        self._batch_size = batch_size
        self._generator = np.random.default_rng(seed)
        self._order = self._generator.permutation(rows)

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._batch_size)

    def __getitem__(self, batch: int) -> tuple[NDArray, NDArray]:
        chosen = self._order[batch * self._batch_size : (batch + 1) * self._batch_size]
        return self._inputs[chosen], self._labels[chosen]

    def on_epoch_end(self) -> None:
        """A new order for the next epoch."""
        self._order = self._generator.permutation(self._rows)
