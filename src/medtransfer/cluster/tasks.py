"""The parts of a study that can be computed apart: the features of a model, and the folds of its trainings."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from medtransfer import store
from medtransfer.cluster.files import FileFacts, facts_of
from medtransfer.data.split.fractions import smaller_subsets
from medtransfer.models.weights import located_weights
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Backbone

Kind = Literal["features", "fold", "refit", "fraction"]


@dataclass(frozen=True)
class Task:
    """One of them. A result is a file in the cache where the stage looks for it."""

    kind: Kind
    dataset: str
    model: str
    number: int = 0  # of the fold, or of the subset of a fraction
    of: int = 1

    @property
    def name(self) -> str:
        """As it is shown."""
        what = {"features": "features", "refit": "all development rows"}
        return f"{self.model}, {what.get(self.kind) or f'{self.kind} {self.number + 1} of {self.of}'}"


def features(params: Params, model: str) -> Task:
    """The features of a model with a stored backbone."""
    return Task("features", params.dataset, model)


def folds(params: Params, model: str) -> list[Task]:
    """The folds of a model; its refit, where there is one, follows from them."""
    count = params.split.trained_folds
    return [Task("fold", params.dataset, model, number, count) for number in range(count)]


def fractions(params: Params, model: str) -> list[Task]:
    """The same model on fractions of the training rows."""
    count = len(smaller_subsets(params, store.split(params.dataset).read())) if params.study.fractions else 0
    return [Task("fraction", params.dataset, model, number, count) for number in range(count)]


def inputs(task: Task) -> dict[FileFacts, Path]:
    """All files that a worker needs for a task, and where they are here: ImageNet weights may be in Keras's folder."""
    backbone = store.settings_of_model(task.model).backbone.read().backbone
    files = {facts_of(path): path for path in _artefacts(task, backbone)}
    located = located_weights(backbone)
    return files | ({facts_of(path, name): path for name, path in [located]} if located else {})


def _artefacts(task: Task, backbone: Backbone) -> Iterator[Path]:
    settings = store.settings_of_model(task.model)
    yield settings.backbone.path
    yield settings.model.path
    yield store.settings_of_dataset(task.dataset).classes.path
    yield store.prepared(task.dataset).images.path
    yield store.split(task.dataset).path
    if backbone.stored and task.kind != "features":
        yield store.features(task.dataset, task.model).path
