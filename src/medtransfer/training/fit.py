"""Training a fold: one function of plain arguments, that could run in another process."""

import math
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.config import Training
from medtransfer.errors import UserError
from medtransfer.training.batches import Batches

HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]


@dataclass(frozen=True)
class TrainedFold:
    """What training left; the weights are in the network that was passed in."""

    history: pd.DataFrame  # a row per epoch: HISTORY_COLUMNS
    validation_logits: NDArray[np.float32]  # validation rows x classes, after the last epoch


@dataclass(frozen=True)
class Snapshot:
    """Every value that training changes: weights, the optimizer's moments, the states of seeds."""

    values: list[NDArray]


def compile_network(network: keras.Model, training: Training) -> Snapshot:
    """Compile once for all folds; returns the state that each fold starts from."""
    optimizer = keras.optimizers.get(
        {"class_name": training.optimizer, "config": {"learning_rate": training.learning_rate}}
    )
    network.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # On the CPU, XLA is slower nearly everywhere; on a GPU, Keras chooses.
        jit_compile="auto" if _has_accelerator() else False,
    )
    optimizer.build(network.trainable_variables)
    return Snapshot([keras.ops.convert_to_numpy(variable) for variable in _variables(network)])


def train_fold(
    network: keras.Model,
    start: Snapshot,
    inputs: NDArray,
    labels: NDArray[np.integer],
    train_rows: NDArray[np.intp],
    validation_rows: NDArray[np.intp],
    training: Training,
    seed: int,
    name: str,
) -> TrainedFold:
    """Train a compiled network from `start` on some rows and watch others; what it knew before is forgotten.

    `inputs` are images (N x H x W x C) or features (N x ...), `labels` N integers; of both just the named
    rows are read. The score to report is the last epoch's: choosing the best one would peek at the
    validation rows. Raises UserError as soon as the loss is no number.
    """
    for variable, value in zip(_variables(network), start.values, strict=True):
        variable.assign(value)
    batches = Batches(inputs, labels, train_rows, training.batch_size, seed)
    held_out = (inputs[validation_rows], labels[validation_rows])
    history = network.fit(
        batches,
        validation_data=held_out,
        validation_batch_size=max(training.batch_size, 64),
        epochs=training.epochs,
        callbacks=[_Watch(name, training)],
        verbose=0,
    ).history
    table = pd.DataFrame(history)
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return TrainedFold(table[HISTORY_COLUMNS], network.predict(held_out[0], batch_size=64, verbose=0))


def _variables(network: keras.Model) -> list[keras.Variable]:
    return [*network.variables, *network.optimizer.variables]


def _has_accelerator() -> bool:
    return any("gpu" in device.lower() for device in keras.distribution.list_devices())


class _Watch(keras.callbacks.Callback):
    """Shows progress, and stops at the first loss that is no number."""

    def __init__(self, name: str, training: Training) -> None:
        super().__init__()
        self._name, self._training = name, training
        self._progress = tqdm(total=training.epochs, desc=name, unit="epoch")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self._progress.close()
            raise UserError(
                f"{self._name}: the loss is {logs['loss'] if logs else None} in epoch {self._progress.n + 1}, batch "
                f"{batch + 1}: the training diverged; lower learning_rate (now "
                f"{self._training.learning_rate:g}) in the model's recipe in catalog/models.yaml"
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        shown = {key: f"{value:.3f}" for key, value in (logs or {}).items() if key in HISTORY_COLUMNS}
        self._progress.set_postfix(shown)
        self._progress.update()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self._progress.close()
