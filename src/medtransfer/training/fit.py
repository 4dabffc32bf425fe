"""Training a fold: one function of plain arguments, that could run in another process."""

import math
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.errors import UserError
from medtransfer.models.backend import Epoch
from medtransfer.settings.recipes import Training
from medtransfer.training import views
from medtransfer.training.batches import shuffled, steps
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.parts import Part, Start, compile_network, enter
from medtransfer.training.progress import Progress, Saving, read_values, restore, set_values
from medtransfer.training.schedules import lowered, step_rates, unwanted
from medtransfer.training.validation import predict, scores
from medtransfer.training.weighting import class_weights

HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_f1", "learning_rate"]

__all__ = ["HISTORY_COLUMNS", "TrainedFold", "compile_network", "train_fold"]


@dataclass(frozen=True)
class TrainedFold:
    """What training left; the weights, those of the selected epoch, are in the network that was passed in."""

    history: pd.DataFrame  # a row per epoch: HISTORY_COLUMNS, and `phase` (from 1) where the recipe has phases
    validation_logits: NDArray[np.float32]  # validation rows x classes, of the selected epoch
    selected: int  # that epoch, from 1, counted over all phases
    seconds: float  # that training took, of the wall clock, in all the runs that it took


def train_fold(
    network: keras.Model,
    start: Start,
    inputs: NDArray,
    labels: NDArray[np.integer],
    train_rows: NDArray[np.intp],
    validation_rows: NDArray[np.intp],
    training: Training,
    seed: int,
    name: str,
    positive: int | None = None,
    checkpoint: Checkpoint | None = None,
) -> TrainedFold:
    """Train a compiled network from `start` on some rows and watch others; what it knew before is forgotten.

    `inputs` are images (N x H x W x C), features (N x F) or features of views (N x (1 + views) x F), `labels` N
    integers; of both just the named rows are read. `positive` is the class whose F1 counts, if one does. With a
    `checkpoint`, training that was killed goes on after the last epoch that was saved, to the same bits. A recipe
    that selects no epoch reports its last: choosing the best peeks at the validation rows. Phases go on from one
    another's last epoch; early stopping ends its phase. Raises UserError as soon as the loss is no number.
    """
    fold = _Fold(network, start, inputs, labels, train_rows, validation_rows, training, seed, name, positive)
    set_values(network.variables, start.values)
    progress = restore(checkpoint, network, start) if checkpoint else None
    progress = progress or Progress(start.parts[0].learning_rate)
    saving = Saving(checkpoint, progress)
    with tqdm(total=sum(part.epochs for part in start.parts), desc=name, unit="epoch") as bar:
        bar.update(len(progress.history))
        for number, part in enumerate(start.parts):
            if progress.complete or number < progress.phase:
                continue
            if number > progress.phase:
                progress.next_phase(part.learning_rate)
            enter(network, start, part)
            if not progress.finished:
                set_values(part.network.optimizer.variables, part.optimizer)
            train = fold.placed(part)
            while not _over(progress, part, training):
                row = fold.epoch(train, part, progress)
                bar.set_postfix({key: f"{row[key]:.3f}" for key in HISTORY_COLUMNS[1:5]}, refresh=False)
                bar.update()
                saving.now_and_then(progress, network, start)
    if not progress.complete:
        progress.complete = True
        if progress.kept is not None:
            set_values(network.variables, progress.kept)
        saving.now(progress, network, start)
    columns = HISTORY_COLUMNS + (["phase"] if training.phases else [])
    history = pd.DataFrame(progress.history)[columns]
    return TrainedFold(history, fold.validation_logits(), progress.selected, progress.seconds)


@dataclass(frozen=True)
class _Fold:
    """The arguments of a fold's training, for the steps of it."""

    network: keras.Model
    start: Start
    inputs: NDArray
    labels: NDArray[np.integer]
    train_rows: NDArray[np.intp]
    validation_rows: NDArray[np.intp]
    training: Training
    seed: int
    name: str
    positive: int | None

    @property
    def views(self) -> int:
        return views.count_views(self.inputs, len(self.network.input_shape))

    def placed(self, part: Part) -> Epoch:
        """The fold's training rows, ready for a phase's steps."""
        kind, count = self.training.class_weights, self.network.output_shape[-1]
        weights = class_weights(self.labels[self.train_rows], count, kind)
        flat = views.flat(self.inputs, self.views)
        labels = np.repeat(self.labels, 1 + self.views)
        return part.place(flat, views.training_rows(self.train_rows, self.views), labels, weights[labels])

    def validation_logits(self) -> NDArray[np.float32]:
        flat = views.flat(self.inputs, self.views)
        return predict(self.network, flat, views.plain_rows(self.validation_rows, self.views))

    def epoch(self, train: Epoch, part: Part, progress: Progress) -> dict[str, float]:
        """One epoch, its validation, and what follows from that for the next; returns its row of the history."""
        training, count = self.training, len(self.train_rows)
        number = len(progress.history) + 1
        order = shuffled(count, self.seed, number)
        rows = self.train_rows[order]
        per_epoch = steps(count, training.batch_size)
        first, total = progress.finished * per_epoch, part.epochs * per_epoch
        rates = step_rates(progress.rate, training.schedule, first, per_epoch, total)
        chosen = order * max(1, self.views) + views.drawn(rows, self.views, self.seed, number)
        augment = self.start.augment
        draws = augment.uniforms(self.seed, number, rows) if augment else np.zeros((count, 0), np.float32)
        seen = train(chosen, rates, draws)
        refuse_divergence(seen["loss"], self.name, number, part.learning_rate)
        truth = self.labels[self.validation_rows]
        unseen = scores(self.network, self.start.loss, truth, self.validation_logits(), self.positive)
        row = {"epoch": number, "loss": seen["loss"], "accuracy": seen["accuracy"]} | unseen
        row["learning_rate"] = float(rates[0])
        if training.phases:
            row["phase"] = progress.phase + 1
        self._judge(row, progress)
        return row

    def _judge(self, row: dict[str, float], progress: Progress) -> None:
        """Whether this epoch is the best, whether the rate is to fall, how long nothing got better."""
        progress.history.append(row)
        progress.finished += 1
        value = unwanted(self.training, row)
        if value < progress.least or not progress.selected:
            progress.least, progress.selected = value, len(progress.history)
            progress.kept = None if self.training.selection == "last" else read_values(self.network.variables)
        progress.stopping.see(row["val_loss"] if self.training.selection == "last" else value)
        if self.training.plateau:
            progress.plateau.see(row["val_loss"])
            progress.rate = lowered(progress.rate, self.training.plateau, progress.plateau)


def _over(progress: Progress, part: Part, training: Training) -> bool:
    stopped = training.early_stopping is not None and progress.stopping.waited >= training.early_stopping
    return progress.finished >= part.epochs or stopped


def refuse_divergence(
    loss: float, name: str, epoch: int, learning_rate: float, key: str = "training.learning_rate"
) -> None:
    """Raise UserError where an epoch's loss is no number."""
    if not math.isfinite(loss):
        raise UserError(
            f"{name}: the loss is {float(loss)} in epoch {epoch}: training diverged; lower {key} (now "
            f"{learning_rate:g}) in the model's recipe in catalog/models.yaml"
        )
