"""What a task process does: it computes a task as the stage of the same name would."""

import os
import platform
import socket
from collections.abc import Iterator
from pathlib import Path

import keras

from medtransfer import store
from medtransfer.models.determinism import describe_device, make_deterministic
from medtransfer.models.software import pinned_versions
from medtransfer.models.weights import located_weights
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Backbone
from medtransfer.store.artefacts import Artefact
from medtransfer.store.formats import Array
from medtransfer.training.cache import filled_features, place_of_features
from medtransfer.training.cluster.facts import CODE, Facts
from medtransfer.training.cluster.files import FileFacts, facts_of
from medtransfer.training.cluster.tasks import Job, OtherKeyError, Task, checkpoints
from medtransfer.training.folds import ModelTraining
from medtransfer.training.fractions import plan_of_fractions
from medtransfer.training.plans import plan_of_folds


def compute(folder: Path, job: Job) -> list[FileFacts]:
    """The files that a task gives, in the project's folder or in one that stands for it.

    Raises OtherKeyError, and UserError for a user's mistake.
    """
    os.chdir(folder)
    paths = _features(job) if job.task.kind == "features" else _training(job)
    return [facts_of(path) for path in paths]


def facts() -> Facts:
    """Of this process, which computes as its machine does."""
    make_deterministic(0)  # before anything else: a GPU that is in use takes no settings any more
    threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0"))
    cores = threads or os.cpu_count() or 0
    return Facts(socket.gethostname(), CODE, pinned_versions(), describe_device(), _processor(), cores)


def key_of(params: Params, task: Task) -> str:
    """Of a task's training or features, as the stage on this machine asks for it."""
    if task.kind == "features":
        return place_of_features(*_features_of(task), params.seed).path.stem
    return _built_training(params, task).key


def inputs(task: Task) -> dict[FileFacts, str]:
    """All files that a worker needs for a task, and where they are here: ImageNet weights may be in Keras's folder."""
    backbone = store.settings_of_model(task.model).backbone.read().backbone
    files = {facts_of(path): str(path) for path in _artefacts(task, backbone)}
    located = located_weights(backbone)
    return files | ({facts_of(path, name): str(path) for name, path in [located]} if located else {})


def _processor() -> str:
    """The name of its model, where the system tells."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _artefacts(task: Task, backbone: Backbone) -> Iterator[Path]:
    settings = store.settings_of_model(task.model)
    yield settings.backbone.path
    yield settings.model.path
    yield store.settings_of_dataset(task.dataset).classes.path
    yield store.prepared(task.dataset).images.path
    yield store.split(task.dataset).path
    if backbone.stored and task.kind != "features":
        yield store.features(task.dataset, task.model).path


def _features_of(task: Task) -> tuple[Backbone, Artefact[Array]]:
    return store.settings_of_model(task.model).backbone.read().backbone, store.prepared(task.dataset).images


def _features(job: Job) -> list[Path]:
    if key_of(job.params, job.task) != job.key:
        raise OtherKeyError
    shared = filled_features(*_features_of(job.task), job.params.seed)
    return [shared.path.with_suffix(".json"), shared.path]  # the array comes last: it says that both are there


# The last training that was built and compiled: the next task is often another fold of it.
_built: dict[tuple[str, str, bool], ModelTraining] = {}


def _training(job: Job) -> list[Path]:
    task = job.task
    of = (job.run, task.model, task.kind == "fraction")
    if of not in _built:
        _built.clear()
        _built[of] = _built_training(job.params, task)
    training = _built[of]
    if training.key != job.key:
        raise OtherKeyError
    if task.kind == "refit":
        training.refit(job.histories, job.selected)
    else:
        training.fold(task.number)
    return [checkpoint.path for checkpoint in checkpoints(job.key, task)]


def _built_training(params: Params, task: Task) -> ModelTraining:
    keras.backend.clear_session()
    make_deterministic(params.seed)
    plan = plan_of_fractions if task.kind == "fraction" else plan_of_folds
    return ModelTraining(plan(params, task.dataset, task.model))
