"""A network compiled once for all folds, with an optimizer for each phase of its recipe."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models.build import head_of, set_trainable
from medtransfer.models.determinism import wants_xla
from medtransfer.settings.recipes import Backbone, Phase, Trainable, Training
from medtransfer.training.augmentation import Augment, build_augmentation
from medtransfer.training.epochs import Place, training_epochs
from medtransfer.training.losses import build_loss
from medtransfer.training.validation import classification_scores

# Of the network, N labels and its outputs for them (N x K): validation scores by name, `val_loss` among them.
Scores = Callable[[keras.Model, NDArray[np.integer], NDArray[np.float32]], dict[str, float]]
Values = list[NDArray]

HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_f1", "learning_rate")


@dataclass(frozen=True)
class Task:
    """Which classes of a data set count in a particular way; None where there is no such class."""

    positive: int | None = None  # the number of the class whose F1 selects an epoch; None: the mean over classes
    healthy: int | None = None  # the number of the class without disease, which the loss `expected_cost` needs


@dataclass(frozen=True)
class Objective:
    """What a network is trained for."""

    loss: keras.losses.Loss
    metrics: Callable[[], list[keras.metrics.Metric]]  # of the training rows; new ones for each phase
    scores: Scores  # of the validation rows
    columns: tuple[str, ...]  # of the history
    rate_key: str  # where the recipe says the learning rate


@dataclass(frozen=True)
class CompiledPhase:
    """A phase: its rate, what it trains, and the compiled network that does."""

    epochs: int
    learning_rate: float
    trainable: Trainable | None  # None: what was trainable when it was compiled
    network: keras.Model  # the one network's layers and weights, or its head's, with an optimizer of its own
    place: Place
    optimizer: Values  # its state before the first step
    on_features: bool = False  # whether its network is the head, which takes the features of the network as it starts


@dataclass(frozen=True)
class Compiled:
    """A network that can be trained on any number of folds, each from the same weights.

    `network` itself stays uncompiled: a saved one holds neither an optimizer's state nor a loss of this project.
    """

    network: keras.Model
    training: Training
    objective: Objective
    values: Values  # of every variable at the start of a fold: weights, moving statistics, the states of seeds
    phases: list[CompiledPhase]
    augment: Augment | None = None
    backbone: Backbone | None = None

    def enter(self, phase: CompiledPhase) -> None:
        """Let a phase train its layers and no others."""
        if phase.trainable is not None and self.backbone is not None:
            set_trainable(self.network, self.backbone, phase.trainable)


def compile_classifier(
    network: keras.Model,
    training: Training,
    backbone: Backbone | None = None,
    task: Task | None = None,
    ordinary: bool = False,
) -> Compiled:
    """Compile a network from images or features to logits.

    A recipe with phases or augmentation needs its `backbone`. `ordinary` asks for Keras's own loop, one step a call.
    Raises ValueError where the backbone is missing, and UserError where the loss needs a healthy class and there is
    none.
    """
    task = task or Task()
    augment = None
    if backbone is not None and len(network.input_shape) == 4:  # features are augmented before the backbone
        augment = build_augmentation(backbone.augmentation, network.input_shape[1:])
    loss = build_loss(training.loss, network.output_shape[-1], task.healthy)
    objective = Objective(
        loss,
        lambda: [keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        lambda network, labels, logits: classification_scores(network, loss, labels, logits, task.positive),
        HISTORY_COLUMNS + (("phase",) if training.phases else ()),
        "training.learning_rate",
    )
    compiled = Compiled(network, training, objective, read_values(network.variables), [], augment, backbone)
    return compile_phases(compiled, ordinary)


def compile_phases(compiled: Compiled, ordinary: bool = False) -> Compiled:
    """Add a compiled network for each phase of the training, or for the one that there is."""
    training = compiled.training
    for phase in training.phases or (
        Phase(epochs=training.epochs, learning_rate=training.learning_rate, trainable="all"),
    ):
        model = keras.Model(compiled.network.input, compiled.network.output)
        if training.phases:
            if compiled.backbone is None:
                raise ValueError("a recipe with phases is compiled with its backbone")
            set_trainable(model, compiled.backbone, phase.trainable)
        # what no phase has changed and this one does not change need not run in each of its epochs
        if not compiled.phases and phase.trainable == "none" and compiled.augment is None:
            model = head_of(model)
        compiled.phases.append(_compile_phase(compiled, model, phase, ordinary))
    compiled.network.jit_compile = compiled.phases[0].network.jit_compile  # of its predictions
    return compiled


def _compile_phase(compiled: Compiled, model: keras.Model, phase: Phase, ordinary: bool) -> CompiledPhase:
    training, objective = compiled.training, compiled.objective
    options = {"learning_rate": phase.learning_rate} | ({"momentum": training.momentum} if training.momentum else {})
    optimizer = keras.optimizers.get({"class_name": training.optimizer, "config": options})
    model.compile(optimizer=optimizer, loss=objective.loss, metrics=objective.metrics(), jit_compile=wants_xla())
    optimizer.build(model.trainable_variables)
    return CompiledPhase(
        epochs=phase.epochs,
        learning_rate=phase.learning_rate,
        trainable=phase.trainable if training.phases else None,
        network=model,
        place=training_epochs(model, compiled.augment, training.batch_size, ordinary),
        optimizer=read_values(optimizer.variables),
        on_features=len(model.input_shape) < len(compiled.network.input_shape),
    )


def read_values(variables: list[keras.Variable]) -> Values:
    """Copies of what some variables hold."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def set_values(variables: list[keras.Variable], values: Values) -> None:
    """Give some variables their values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
