"""A network made ready: compiled once for all folds, a part for each phase of its recipe."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models import build
from medtransfer.models.backend import Place, training_epochs, wants_xla
from medtransfer.settings.recipes import Backbone, Phase, Trainable, Training
from medtransfer.training.augmentation import Augment, build_augmentation
from medtransfer.training.losses import build_loss


@dataclass(frozen=True)
class Part:
    """A phase: its rate, what it trains, and the compiled network that does."""

    epochs: int
    learning_rate: float
    trainable: Trainable | None  # None: what was trainable when it was compiled
    network: keras.Model  # the one network's layers and weights, under an optimizer of its own
    place: Place
    optimizer: list[NDArray]  # its state before the first step


@dataclass(frozen=True)
class Start:
    """What every fold begins with."""

    values: list[NDArray]  # of every variable of the network: weights, moving statistics, the states of seeds
    parts: list[Part]
    loss: keras.losses.Loss
    augment: Augment | None
    backbone: Backbone | None


def compile_network(
    network: keras.Model,
    training: Training,
    backbone: Backbone | None = None,
    healthy: int | None = None,
    ordinary: bool = False,
) -> Start:
    """Compile once for all folds; returns the state that each fold starts from.

    `network` goes from images or features to logits. A recipe with phases or augmentation needs its `backbone`, one
    whose loss is the expected cost the number of the `healthy` class. `ordinary` asks for Keras's own loop, a call a
    step.
    `network` itself is left uncompiled: so a saved one holds neither an optimizer's state nor a loss of this project.
    """
    augment = None
    if backbone is not None and len(network.input_shape) == 4:  # that of features happened before the backbone
        augment = build_augmentation(backbone.augmentation, network.input_shape[1:])
    loss = build_loss(training.loss, network.output_shape[-1], healthy)
    values = [np.array(keras.ops.convert_to_numpy(variable)) for variable in network.variables]
    start = Start(values, [], loss, augment, backbone)
    for phase in training.phases or (None,):
        start.parts.append(_part(keras.Model(network.input, network.output), training, phase, start, ordinary))
    network.jit_compile = start.parts[0].network.jit_compile  # of its predictions
    return start


def enter(network: keras.Model, start: Start, part: Part) -> None:
    """Let a phase train its layers and no others."""
    if part.trainable is not None and start.backbone is not None:
        build.set_trainable(network, start.backbone, part.trainable)


def ready(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    metrics: Sequence[keras.metrics.Metric],
    rate: float,
    epochs: int,
    batch_size: int,
    start: Start,
    trainable: Trainable | None = None,
    ordinary: bool = False,
) -> Part:
    """Compile a network for the epochs of a phase; its layers are frozen or not already, as `trainable` says."""
    model.compile(
        optimizer=optimizer,
        loss=start.loss,
        metrics=list(metrics),
        jit_compile=wants_xla(),
    )
    optimizer.build(model.trainable_variables)
    state = [np.array(keras.ops.convert_to_numpy(variable)) for variable in optimizer.variables]
    place = training_epochs(model, start.augment, batch_size, ordinary)
    return Part(epochs, rate, trainable, model, place, state)


def _part(model: keras.Model, training: Training, phase: Phase | None, start: Start, ordinary: bool) -> Part:
    rate = phase.learning_rate if phase else training.learning_rate
    if phase:
        if start.backbone is None:
            raise ValueError("a recipe with phases is compiled with its backbone")
        build.set_trainable(model, start.backbone, phase.trainable)
    options = {"learning_rate": rate} | ({"momentum": training.momentum} if training.momentum else {})
    optimizer = keras.optimizers.get({"class_name": training.optimizer, "config": options})
    metrics = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    epochs, trainable = (phase.epochs, phase.trainable) if phase else (training.epochs, None)
    return ready(model, optimizer, metrics, rate, epochs, training.batch_size, start, trainable, ordinary)
