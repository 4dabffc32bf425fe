"""The parts of a study that can be computed apart: the features of a model, and the folds of its trainings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from medtransfer import store
from medtransfer.settings.params import Params
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.subsets import smaller_subsets

Kind = Literal["features", "fold", "refit", "fraction"]


@dataclass(frozen=True)
class Task:
    """One of them. Its result is a file in the cache where the stage looks for it."""

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


@dataclass(frozen=True)
class Place:
    """The project's folder on the machine that a run belongs to, and a file in it that no other folder has."""

    folder: str
    token: str


@dataclass(frozen=True)
class Job:
    """A task, and all that its result follows from besides the inputs."""

    run: str  # in which it is given: inputs do not change meanwhile
    place: Place
    task: Task
    params: Params
    key: str  # of its training or features, as it is for the machine that gives it
    histories: Sequence[pd.DataFrame] = ()  # of a refit: those of all folds
    selected: Sequence[int] = ()  # and the epochs that they keep


class OtherKeyError(Exception):
    """A worker's initial weights are others: its processor, or a library that no check names, computes other bits."""


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


def checkpoints(key: str, task: Task) -> list[Checkpoint]:
    """Those that a training writes, the last one last."""
    settings = store.settings_of_model(task.model).model.read()
    names = (["autoencoder"] if settings.recipe.pretraining else []) + ["refit" if task.kind == "refit" else "fold"]
    return [Checkpoint(key, task.number, name=name) for name in names]


def result_of(key: str, task: Task) -> dict[str, Any]:
    """What the caches here have of a task that is finished: of a training, its plain values; else nothing."""
    if task.kind == "features":
        path = store.FEATURES / f"{key}.npy"
        return {"path": path} if path.is_file() and path.with_suffix(".json").is_file() else {}
    states: list[dict[str, Any]] = []
    for checkpoint in checkpoints(key, task):
        content = checkpoint.read({})
        states.append(content[0]["state"] if content else {})
    return states[-1] if all(state.get("complete") for state in states) else {}
