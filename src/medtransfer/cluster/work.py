"""What a worker does: it computes a task as the stage of the same name would, and says which files came out.

A worker computes one task at a time, in the folder of the project where it sees that, or in one that stands for it.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import pandas as pd
from distributed import get_worker

from medtransfer import store
from medtransfer.cluster.files import FileFacts, facts_of
from medtransfer.cluster.tasks import Task
from medtransfer.models.determinism import make_deterministic
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Backbone
from medtransfer.store.artefacts import Artefact
from medtransfer.store.formats import Array
from medtransfer.training.cache import place_of_features, shared_features
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.folds import ModelTraining
from medtransfer.training.plans import plan_of_folds, plan_of_fractions

STANDS_FOR = store.CACHE / "cluster/project"  # the folder of a worker that does not see the project's
HOME = Path.cwd()


@dataclass(frozen=True)
class Place:
    """The project's folder on the machine that a run belongs to, and a file in it that no other folder has."""

    folder: str
    token: str


@dataclass(frozen=True)
class Job:
    """A task, and all that its result follows from besides the inputs."""

    run: str  # in which it is given: inputs do not change meanwhile
    task: Task
    params: Params
    key: str  # of its training or features, as it is for the process that gives it
    histories: Sequence[pd.DataFrame] = ()  # of a refit: those of all folds
    selected: Sequence[int] = ()  # and the epochs that they keep


@dataclass(frozen=True)
class Done:
    """The result."""

    worker: str  # its address
    seconds: float
    files: list[FileFacts]


class OtherKeyError(Exception):
    """A worker's initial weights are others: its processor, or a library that no check names, computes other bits."""


def settle(place: Place) -> bool:
    """Go to the project's folder; returns whether this worker sees it, with its checkpoints and caches."""
    seen = (Path(place.folder) / place.token).is_file()
    folder = Path(place.folder) if seen else HOME / STANDS_FOR
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    return seen


def work(job: Job) -> Done:
    """Compute a task. Raises OtherKeyError, and UserError for a user's mistake."""
    begun, task = time.monotonic(), job.task
    print(f"{task.name}: begun", flush=True)
    make_deterministic(job.params.seed)
    paths = _features(job) if task.kind == "features" else _training(job)
    seconds = time.monotonic() - begun
    print(f"{task.name}: {seconds:.1f} s", flush=True)
    return Done(get_worker().address, seconds, [facts_of(path) for path in paths])


def checkpoints(key: str, task: Task) -> list[Checkpoint]:
    """Those that a training writes, the last one last."""
    settings = store.settings_of_model(task.model).model.read()
    names = (["autoencoder"] if settings.recipe.pretraining else []) + ["refit" if task.kind == "refit" else "fold"]
    return [Checkpoint(key, task.number, name=name) for name in names]


def results(key: str, task: Task) -> dict[str, Any]:
    """What the caches here have of a task that is finished: of a training, its plain values; else nothing."""
    if task.kind == "features":
        path = store.FEATURES / f"{key}.npy"
        return {"path": path} if path.is_file() and path.with_suffix(".json").is_file() else {}
    states: list[dict[str, Any]] = []
    for checkpoint in checkpoints(key, task):
        content = checkpoint.read({})
        states.append(content[0] if content else {})
    return states[-1] if all(state.get("state", {}).get("complete") for state in states) else {}


def place_of(params: Params, task: Task) -> Artefact[Array]:
    """Of features, in the cache."""
    return place_of_features(*_features_of(task), params.seed)


def training_of(params: Params, task: Task) -> ModelTraining:
    """The training that a task is a part of."""
    plan = plan_of_fractions if task.kind == "fraction" else plan_of_folds
    return ModelTraining(plan(params, task.dataset, task.model))


def _features(job: Job) -> list[Path]:
    if place_of(job.params, job.task).path.stem != job.key:
        raise OtherKeyError(get_worker().address)
    backbone, images = _features_of(job.task)
    shared = shared_features(backbone, images, job.params.seed)
    return [shared.path, shared.path.with_suffix(".json")]


def _features_of(task: Task) -> tuple[Backbone, Artefact[Array]]:
    return store.settings_of_model(task.model).backbone.read().backbone, store.prepared(task.dataset).images


# The last training that was built and compiled: the next task of this worker is often another fold of it.
_built: dict[tuple[str, str, str], ModelTraining] = {}


def _training(job: Job) -> list[Path]:
    task = job.task
    of = (job.run, task.model, "fraction" if task.kind == "fraction" else "fold")
    if of not in _built:
        _built.clear()
        keras.backend.clear_session()
        _built[of] = training_of(job.params, task)
    training = _built[of]
    if training.key != job.key:
        raise OtherKeyError(get_worker().address)
    if task.kind == "refit":
        training.refit(job.histories, job.selected)
    else:
        training.fold(task.number)
    return [checkpoint.path for checkpoint in checkpoints(training.key, task)]
