"""Training a model on every fold, and on all of them: its network is built and compiled once, for records of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.models.build import backbone_of, build, explained_layer, head_of
from medtransfer.models.layers import layers
from medtransfer.models.software import pinned_versions
from medtransfer.models.transfer import match_with_source
from medtransfer.models.weights import provenance
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes
from medtransfer.store.records import Training
from medtransfer.training.cache import begin_checkpoints, cache_key, finish_checkpoints
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.compiled import Compiled, Task, compile_classifier, read_values, set_values
from medtransfer.training.features import features_of_rows
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from medtransfer.training.pretraining import AutoencoderFirst, Start, start_of
from medtransfer.training.refit import Refit, mean_epochs
from medtransfer.training.schedules import to_the_last_epoch

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Development:
    """The images that a model is developed on, and what is known of them. No rows but those of the folds are read."""

    images: NDArray  # N x H x W x C, 0..255
    features: NDArray | None  # where the recipe stores them: N x F, or N x (1 + views) x F
    labels: NDArray[np.integer]  # N
    folds: Sequence[tuple[Rows, Rows]]  # rows to train on, and rows to validate on
    epochs: Sequence[int] | None = None  # rows that an epoch of each fold trains on; None: its rows, each once

    @property
    def rows(self) -> Rows:
        """All rows of all folds, in order."""
        return np.unique(np.concatenate([part for fold in self.folds for part in fold]))


@dataclass(frozen=True)
class Plan:
    """All that the training of a model follows from: plain values, which can be sent to another process."""

    name: str  # of the model, shown beside progress bars
    recipe: Recipe
    classes: Classes
    development: Development
    seed: int
    healthy: str | None = None  # the class without disease, where the recipe's loss needs it


@dataclass(frozen=True)
class Fold:
    """The result of a fold. Its networks serve the next fold too: write them before that is trained."""

    number: int
    networks: Mapping[str, keras.Model]  # `fold`, and what else the recipe trains, by the name of their files
    histories: Mapping[str, pd.DataFrame]  # `history`, and of what else is trained: a row per epoch
    logits: NDArray[np.float32]  # validation rows x classes
    selected: int  # the epoch whose weights are kept, from 1
    seconds: float  # of the wall clock
    pictures: NDArray[np.uint8] | None = None  # of autoencoders over their epochs: see `pretraining`


class ModelTraining:
    """A model that is built and compiled for the folds of a plan.

    The result of a fold does not depend on which others are trained in the same process, nor on how often training
    was killed: see `checkpoints`.
    """

    def __init__(self, plan: Plan) -> None:
        recipe, data, classes = plan.recipe, plan.development, plan.classes
        self._plan, image_shape = plan, data.images.shape[1:]
        self._inputs = data.images if data.features is None else data.features
        self._complete = build(recipe, image_shape, len(classes.names), plan.seed)
        self.backbone = backbone_of(self._complete) if recipe.backbone.stored else None  # shared by all folds
        network = head_of(self._complete) if recipe.backbone.stored else self._complete
        task = Task(classes.code(classes.positive), classes.code(plan.healthy))
        self._compiled = compile_classifier(network, recipe.training, recipe.backbone, task)
        self._start = start_of(recipe, image_shape, plan.seed)
        facts = {"recipe": recipe, "seed": plan.seed, "folds": data.folds, "labels": data.labels, "epochs": data.epochs}
        facts |= {"inputs": self._inputs, "values": self._compiled.values, "task": [task.positive, task.healthy]}
        self.key = cache_key(facts, ["models", "training"])  # of the checkpoints

    def folds(self) -> Iterator[Fold]:
        """All folds, one after the other."""
        begin_checkpoints(self.key)
        return (self.fold(number) for number in range(len(self._plan.development.folds)))

    def fold(self, number: int) -> Fold:
        """Train one fold."""
        development = self._plan.development
        epoch = development.epochs[number] if development.epochs else None
        data = self._data(*development.folds[number], epoch)
        name = f"{self._plan.name}, fold {number + 1} of {len(development.folds)}"
        run = Run(self._plan.seed + number, name, Checkpoint(self.key, number))
        start, trained = self._trained(self._compiled, data, run)
        histories = {"history": trained.history, **start.histories}
        if trained.confusions is not None:
            names = dict(enumerate(self._plan.classes.names))
            named = {of: trained.confusions[of].map(names) for of in ("actual", "predicted")}
            histories["confusions"] = trained.confusions.assign(**named)
        return Fold(
            number,
            {"fold": self._compiled.network, **start.networks},
            {kind: history.assign(fold=number) for kind, history in histories.items()},
            trained.outputs,
            trained.selected,
            start.seconds + trained.seconds,
            start.pictures,
        )

    def refit(self, histories: Sequence[pd.DataFrame], selected: Sequence[int]) -> Refit:
        """Train once more, on all development rows: after the folds, whose histories and kept epochs are given.

        Its initial weights are those of every fold; its order of rows, its draws and its checkpoint are its own.
        """
        number = len(self._plan.development.folds)  # the one after the last fold's
        data = self._data(self._plan.development.rows, np.array([], np.intp))
        epochs = mean_epochs(histories, selected, len(self._compiled.phases))
        checkpoint = Checkpoint(self.key, number, name="refit")
        run = Run(self._plan.seed + number, f"{self._plan.name}, all development rows", checkpoint, epochs)
        training = to_the_last_epoch(self._compiled.training)
        start, trained = self._trained(replace(self._compiled, training=training), data, run)
        trained_histories = {"history": trained.history, **start.histories}
        return Refit(
            {"fold": self._compiled.network, **start.networks},
            {f"refit_{kind}": history for kind, history in trained_histories.items()},
            sum(epochs),
        )

    def layers(self) -> pd.DataFrame:
        """A row per layer of the network from image to logits."""
        return layers(self._complete)

    def decoder_layers(self) -> pd.DataFrame | None:
        """The same of the decoder that trains the encoder first; None without pretraining."""
        return self._start.decoder_layers if isinstance(self._start, AutoencoderFirst) else None

    def record(self, selected_epochs: list[int], refit_epochs: int | None = None) -> Training:
        """What the model is, besides its weights and its history."""
        recipe = self._plan.recipe
        return Training(
            weights=provenance(recipe.backbone) | self._transferred(),
            architecture=recipe.backbone.architecture,
            explained_layer=explained_layer(recipe),
            frozen=recipe.backbone.stored,
            pretrained=recipe.pretraining is not None,
            parameters=self._complete.count_params(),
            trainable_parameters=int(sum(np.prod(weight.shape) for weight in self._complete.trainable_weights)),
            selected_epochs=selected_epochs,
            refit_epochs=refit_epochs,
            software=pinned_versions(),
        )

    def _transferred(self) -> dict[str, str]:
        """Of a model that starts from a source: the layers that do, and those that are new."""
        source = self._plan.recipe.backbone.source
        if source is None:
            return {}
        match = match_with_source(source, self._complete)
        return {"loaded": ", ".join(match.loaded), "new": ", ".join(match.new)}

    def finish(self) -> None:
        """Call it when all results are written: checkpoints are not needed any more."""
        finish_checkpoints(self.key)

    def _data(self, train: Rows, validation: Rows, epoch: int | None = None) -> Data:
        shared = None if self._plan.recipe.pretraining else lambda: self._features
        return Data(self._inputs, self._plan.development.labels, train, validation, shared, epoch)

    @cached_property
    def _features(self) -> NDArray[np.float32]:
        """Of the network as every fold starts: in its first phase, where that trains the head alone."""
        rows = self._plan.development.rows
        now = read_values(self._complete.variables)
        set_values(self._complete.variables, self._compiled.values)
        features = features_of_rows(backbone_of(self._complete), self._inputs, rows)
        set_values(self._complete.variables, now)
        return features

    def _trained(self, compiled: Compiled, data: Data, run: Run) -> tuple[Start, TrainedFold]:
        start = self._start(compiled, data, run)
        return start, train_fold(replace(compiled, values=start.values), data, run)
