"""Training a fold: one function of plain arguments, that could run in another process."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.errors import UserError
from medtransfer.schema.models import Training
from medtransfer.training.batches import in_order, shuffled

EVALUATION_BATCH = 64
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
    history = []
    with tqdm(total=training.epochs, desc=name, unit="epoch") as progress:
        for epoch in range(1, training.epochs + 1):
            batches = shuffled(train_rows, training.batch_size, seed, epoch)
            seen = _mean_logs(network.train_on_batch, inputs, labels, batches)
            _refuse_divergence(seen["loss"], name, epoch, training.learning_rate)
            unseen = _mean_logs(network.test_on_batch, inputs, labels, in_order(validation_rows, EVALUATION_BATCH))
            row = {"epoch": epoch} | seen | {f"val_{key}": value for key, value in unseen.items()}
            history.append(row)
            progress.set_postfix({key: f"{row[key]:.3f}" for key in HISTORY_COLUMNS[1:]}, refresh=False)
            progress.update()
    validation = [network.predict_on_batch(inputs[batch]) for batch in in_order(validation_rows, EVALUATION_BATCH)]
    return TrainedFold(pd.DataFrame(history, columns=HISTORY_COLUMNS), np.concatenate(validation))


def _variables(network: keras.Model) -> list[keras.Variable]:
    return [*network.variables, *network.optimizer.variables]


def _has_accelerator() -> bool:
    return any("gpu" in device.lower() for device in keras.distribution.list_devices())


def _mean_logs(
    step: Callable[..., dict[str, float]], inputs: NDArray, labels: NDArray, batches: Iterable[NDArray[np.intp]]
) -> dict[str, float]:
    """Loss and metrics over all rows of some batches; a loss that is no number ends it early."""
    sums: dict[str, float] = {}
    rows = 0
    for batch in batches:
        # Keras forgets its running means between two calls of a step, so they are made here.
        logs = step(inputs[batch], labels[batch], return_dict=True)
        sums = {key: sums.get(key, 0.0) + float(value) * len(batch) for key, value in logs.items()}
        rows += len(batch)
        if not math.isfinite(sums["loss"]):
            break
    return {key: value / rows for key, value in sums.items()}


def _refuse_divergence(loss: float, name: str, epoch: int, learning_rate: float) -> None:
    if not math.isfinite(loss):
        raise UserError(
            f"{name}: the loss is {float(loss)} in epoch {epoch}: training diverged; lower learning_rate (now "
            f"{learning_rate:g}) in the model's recipe in catalog/models.yaml"
        )
