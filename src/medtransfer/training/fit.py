"""Training a network on one fold: the one loop of epochs, of classifiers and of autoencoders."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.models.build import backbone_of
from medtransfer.models.predict import predict
from medtransfer.settings.errors import UserError
from medtransfer.training import feature_views
from medtransfer.training.batches import repeated, steps
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.compiled import Compiled, CompiledPhase, Values, read_values, set_values
from medtransfer.training.epochs import Epoch
from medtransfer.training.features import features_of_rows
from medtransfer.training.fold_state import FoldState, Saving, restore
from medtransfer.training.schedules import lowered, minimised, step_rates
from medtransfer.training.validation import confusion
from medtransfer.training.weighting import class_weights

IMAGES, FEATURES = 64, 1024  # rows a batch in validation: the intermediate results of images fill the memory


@dataclass(frozen=True)
class Data:
    """What a fold is trained on, and what it is watched on, if anything. No other rows than those named are read."""

    inputs: NDArray  # images (N x H x W x C), features (N x F) or features of views (N x (1 + views) x F)
    labels: NDArray[np.integer]  # N
    train_rows: NDArray[np.intp]
    validation_rows: NDArray[np.intp]
    # N x F of the network as it starts, for a first phase that trains the head alone; None: computed here
    features: Callable[[], NDArray] | None = None
    epoch: int | None = None  # rows that an epoch trains on, the training rows again and again; None: each once


@dataclass(frozen=True)
class Run:
    """What tells the training of one fold from that of another, besides its data."""

    seed: int
    name: str  # shown beside the progress bar
    checkpoint: Checkpoint | None = None  # where a killed training continues
    epochs: tuple[int, ...] | None = None  # of each phase, after which it ends; None: as many as the recipe says
    kept: Collection[int] = ()  # epochs whose weights are returned too, from 1, counted over all phases


@dataclass(frozen=True)
class TrainedFold:
    """The result of training; the weights, those of the selected epoch, are in the network that was compiled."""

    history: pd.DataFrame  # a row per epoch, with the columns of the objective
    outputs: NDArray[np.float32]  # of the network for the validation rows (rows x K), in the selected epoch: logits
    selected: int  # that epoch, from 1, counted over all phases
    seconds: float  # of the wall clock, in all the runs that training took
    snapshots: dict[int, Values] = field(default_factory=dict)  # the network's variables after the epochs to be kept
    confusions: pd.DataFrame | None = None  # of a recipe with snapshots: epoch, actual, predicted (numbers), images


def train_fold(compiled: Compiled, data: Data, run: Run) -> TrainedFold:
    """Train a compiled network from its start on some rows and validate it on others.

    Nothing of an earlier fold is left in the network. With a checkpoint, a killed training continues after the last
    epoch that was saved, to the same bits. A recipe that selects no epoch reports its last: choosing the best one
    looks at the validation rows. Each phase continues from the last epoch of the one before; early stopping ends a
    phase. Without validation rows, the training must be one `to_the_last_epoch`, and the history lacks their columns.
    Raises UserError as soon as the loss is not finite.
    """
    fold = _Fold(compiled, data, run)
    set_values(compiled.network.variables, compiled.values)
    state = restore(run.checkpoint, compiled) if run.checkpoint else None
    state = state or FoldState(compiled.phases[0].learning_rate)
    saving = Saving(run.checkpoint, state)
    outputs = None
    with tqdm(total=sum(fold.epochs), desc=run.name, unit="epoch") as bar:
        bar.update(len(state.history))
        for number, phase in enumerate(compiled.phases):
            if state.complete or number < state.phase:
                continue
            if number > state.phase:
                state.next_phase(phase.learning_rate)
            compiled.enter(phase)
            if not state.finished:
                set_values(phase.network.optimizer.variables, phase.optimizer)
            train = fold.placed(phase)
            while not fold.is_over(state):
                outputs = fold.epoch(train, phase, state)
                row = state.history[-1]
                shown = {key: f"{value:.3f}" for key, value in row.items() if key.endswith(("loss", "accuracy"))}
                bar.set_postfix(shown, refresh=False)
                bar.update()
                saving.if_due(state, compiled)
    if not state.complete:
        state.complete = True
        if state.kept is not None:
            set_values(compiled.network.variables, state.kept)
        saving.now(state, compiled)
    if outputs is None or state.kept is not None:
        outputs = fold.validation_outputs()
    confusions = _confusions(state.history) if compiled.training.snapshots else None
    history = pd.DataFrame(state.history)
    history = history[[name for name in compiled.objective.columns if name in history]]
    return TrainedFold(history, outputs, state.selected, state.seconds, state.snapshots, confusions)


def _confusions(history: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        (row["epoch"], actual, predicted, images)
        for row in history
        for (actual, predicted), images in np.ndenumerate(row.get("confusion", np.zeros((0, 0), int)))
    ]
    return pd.DataFrame(rows, columns=["epoch", "actual", "predicted", "images"])


@dataclass(frozen=True)
class _Fold:
    """The arguments of a fold's training, for the steps of it."""

    compiled: Compiled
    data: Data
    run: Run

    @property
    def views(self) -> int:
        return feature_views.count_views(self.data.inputs, len(self.compiled.network.input_shape))

    @property
    def epochs(self) -> tuple[int, ...]:
        return self.run.epochs or tuple(phase.epochs for phase in self.compiled.phases)

    def placed(self, phase: CompiledPhase) -> Epoch:
        """The fold's training rows, ready for a phase's steps."""
        data, views = self.data, self.views
        kind, classes = self.compiled.training.class_weights, self.compiled.network.output_shape[-1]
        weights = class_weights(data.labels[data.train_rows], classes, kind)
        labels = np.repeat(data.labels, 1 + views)
        rows = feature_views.training_rows(data.train_rows, views)
        return phase.place(feature_views.flat(self.inputs(phase), views), rows, labels, weights[labels])

    def inputs(self, phase: CompiledPhase) -> NDArray:
        """What a phase's network takes."""
        if not phase.on_features:
            return self.data.inputs
        return self.data.features() if self.data.features else self.features

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """Of the network as it is in the first phase, which leaves its backbone as it starts."""
        rows = np.concatenate([self.data.train_rows, self.data.validation_rows])
        return features_of_rows(backbone_of(self.compiled.network), self.data.inputs, np.unique(rows))

    def validation_outputs(self, phase: CompiledPhase | None = None) -> NDArray[np.float32]:
        """Of a phase's network, or of the whole one, which gives the same."""
        if not len(self.data.validation_rows):
            return np.zeros((0, self.compiled.network.output_shape[-1]), np.float32)
        inputs, network = self.data.inputs, self.compiled.network
        if phase is not None and phase.on_features:
            inputs, network = self.inputs(phase), phase.network
        flat = feature_views.flat(inputs, self.views)
        rows = feature_views.plain_rows(self.data.validation_rows, self.views)
        return predict(network, flat, rows, FEATURES if flat.ndim == 2 else IMAGES)

    def is_over(self, state: FoldState) -> bool:
        """Whether the phase has had its epochs, or is stopped early."""
        patience = self.compiled.training.early_stopping
        return state.finished >= self.epochs[state.phase] or (
            patience is not None and state.stopping.waited >= patience
        )

    def epoch(self, train: Epoch, phase: CompiledPhase, state: FoldState) -> NDArray[np.float32]:
        """One epoch and its validation, added to the state; returns the outputs for the validation rows."""
        training, objective, data, seed = self.compiled.training, self.compiled.objective, self.data, self.run.seed
        number, count = len(state.history) + 1, len(data.train_rows) if data.epoch is None else data.epoch
        order, before = repeated(len(data.train_rows), count, seed, number)
        rows = data.train_rows[order] + before * len(data.inputs)  # a row that comes again is drawn for as another one
        per_epoch = steps(count, training.batch_size)
        first, total = state.finished * per_epoch, phase.epochs * per_epoch
        rates = step_rates(state.rate, training.schedule, first, per_epoch, total)
        chosen = order * (1 + self.views) + feature_views.drawn(rows, self.views, seed, number)
        augment = self.compiled.augment
        draws = augment.uniforms(seed, number, rows) if augment else np.zeros((count, 0), np.float32)
        trained = train(chosen, rates, draws)
        if not math.isfinite(trained["loss"]):
            raise UserError(
                f"{self.run.name}: the loss is {trained['loss']} in epoch {number}: training diverged; lower "
                f"{objective.rate_key} (now {phase.learning_rate:g}) in the model's recipe in catalog/models.yaml"
            )
        outputs = self.validation_outputs(phase)
        truth = data.labels[data.validation_rows]
        validated = objective.scores(self.compiled.network, truth, outputs) if len(truth) else {}
        more: dict[str, Any] = {"learning_rate": float(rates[0]), "phase": state.phase + 1}
        if training.snapshots and number % training.snapshots == 0:
            more["confusion"] = confusion(truth, outputs)
        self._record({"epoch": number} | trained | validated | more, state)
        return outputs

    def _record(self, row: dict[str, Any], state: FoldState) -> None:
        """Whether this epoch is the best so far, whether the rate falls, and how long nothing has improved."""
        training = self.compiled.training
        state.history.append(row)
        state.finished += 1
        if len(state.history) in self.run.kept:
            state.snapshots[len(state.history)] = read_values(self.compiled.network.variables)
        value = minimised(training, row)
        if value < state.least or not state.selected:
            state.least, state.selected = value, len(state.history)
            state.kept = None if training.selection == "last" else read_values(self.compiled.network.variables)
        if training.early_stopping:
            state.stopping.see(row["val_loss"] if training.selection == "last" else value)
        if training.plateau:
            state.plateau.see(row["val_loss"])
            state.rate = lowered(state.rate, training.plateau, state.plateau)
