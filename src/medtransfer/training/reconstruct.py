"""Rafiq et al.'s first step (section 4.1.1): an autoencoder learns to give back images, whatever their class."""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from keras import ops
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.models.backbones import PREPROCESS
from medtransfer.settings.recipes import Reconstruction
from medtransfer.training.batches import in_order, shuffled, steps
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.fit import refuse_divergence
from medtransfer.training.parts import Start, ready
from medtransfer.training.progress import Progress, Saving, restore, set_values
from medtransfer.training.validation import IMAGES


@dataclass(frozen=True)
class TrainedAutoencoder:
    """What training left besides the weights."""

    history: pd.DataFrame  # a row per epoch: epoch, loss, val_loss (mean squared errors of pixels in 0..1)
    seconds: float  # of the wall clock, in all the runs that it took


def compile_autoencoder(model: keras.Model, pretraining: Reconstruction) -> Start:
    """Compile once for all folds; `model` goes from images (N x H x W x C, 0..255) to the same in 0..1.

    What is trained is its mean squared error, a network of the same layers from images to N x 1.
    """
    error = ops.mean(ops.square(model.output - model.get_layer(PREPROCESS).output), axis=(1, 2, 3))
    errors = keras.Model(model.input, ops.expand_dims(error, -1), name=f"{model.name}_error")
    values = [np.array(ops.convert_to_numpy(variable)) for variable in errors.variables]
    start = Start(values, [], _Given(), None, None)
    rate, epochs, size = pretraining.learning_rate, pretraining.epochs, pretraining.batch_size
    start.parts.append(ready(errors, keras.optimizers.Adam(rate), [], rate, epochs, size, start))
    return start


def train_autoencoder(
    start: Start,
    images: NDArray,
    train_rows: NDArray[np.intp],
    validation_rows: NDArray[np.intp],
    pretraining: Reconstruction,
    seed: int,
    name: str,
    checkpoint: Checkpoint | None = None,
) -> TrainedAutoencoder:
    """Train the compiled autoencoder from its start on some rows, for as many epochs as its recipe says.

    The weights are left in the model that was compiled. With a `checkpoint`, what was killed goes on after the last
    epoch that was saved.
    """
    (trained,) = start.parts
    network = trained.network
    set_values(network.variables, start.values)
    set_values(network.optimizer.variables, trained.optimizer)
    progress = (restore(checkpoint, network, start) if checkpoint else None) or Progress(pretraining.learning_rate)
    saving = Saving(checkpoint, progress)
    no_labels, ones = np.zeros(len(images), np.int64), np.ones(len(images), np.float32)
    train = trained.place(images, train_rows, no_labels, ones)
    count = len(train_rows)
    rates = np.full(steps(count, pretraining.batch_size), pretraining.learning_rate, np.float32)
    with tqdm(total=pretraining.epochs, initial=progress.finished, desc=f"{name}, autoencoder", unit="epoch") as bar:
        while progress.finished < pretraining.epochs:
            number = progress.finished + 1
            seen = train(shuffled(count, seed, number), rates, np.zeros((count, 0), np.float32))
            refuse_divergence(
                seen["loss"], f"{name}, autoencoder", number, pretraining.learning_rate, "pretraining.learning_rate"
            )
            unseen = _error(network, images, validation_rows)
            progress.history.append({"epoch": number, "loss": seen["loss"], "val_loss": unseen})
            progress.finished = number
            bar.set_postfix({"loss": f"{seen['loss']:.4f}", "val_loss": f"{unseen:.4f}"}, refresh=False)
            bar.update()
            saving.now_and_then(progress, network, start)
    if not progress.complete:
        progress.complete = True
        saving.now(progress, network, start)
    return TrainedAutoencoder(pd.DataFrame(progress.history), progress.seconds)


class _Given(keras.losses.Loss):
    """The network's own output: there is no label to hold it against."""

    def call(self, y_true: object, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        return ops.mean(y_pred, axis=-1)


def _error(network: keras.Model, images: NDArray, rows: NDArray[np.intp]) -> float:
    each = [network.predict_on_batch(images[batch]) for batch in in_order(rows, IMAGES)]
    return float(np.concatenate(each).mean())
