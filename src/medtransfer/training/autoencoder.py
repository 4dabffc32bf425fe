"""Rafiq et al.'s first step (section 4.1.1): an autoencoder learns to give back images, whatever their class."""

import keras
from keras import ops

from medtransfer.models.backbones import PREPROCESS
from medtransfer.settings.recipes import Reconstruction, Training
from medtransfer.training.compiled import Compiled, Objective, compile_phases, read_values


def compile_autoencoder(model: keras.Model, pretraining: Reconstruction) -> Compiled:
    """Compile a model from images (N x H x W x C, 0..255) to the same in 0..1, once for all folds.

    What is trained is a network of the same layers from images to each one's mean squared error (N x 1), so that its
    output is the loss, and labels are not used.
    """
    error = ops.mean(ops.square(model.output - model.get_layer(PREPROCESS).output), axis=(1, 2, 3))
    errors = keras.Model(model.input, ops.expand_dims(error, -1), name=f"{model.name}_error")
    training = Training(
        optimizer="adam",
        learning_rate=pretraining.learning_rate,
        epochs=pretraining.epochs,
        batch_size=pretraining.batch_size,
    )
    objective = Objective(
        loss=_OutputAsLoss(),
        metrics=list,
        scores=lambda network, labels, outputs: {"val_loss": float(outputs.mean())},
        columns=("epoch", "loss", "val_loss"),
        rate_key="pretraining.learning_rate",
    )
    return compile_phases(Compiled(errors, training, objective, read_values(errors.variables), []))


class _OutputAsLoss(keras.losses.Loss):
    """The network's own output, whatever the label."""

    def call(self, y_true: object, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        return ops.mean(y_pred, axis=-1)
