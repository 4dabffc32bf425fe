"""dvc repro with workers: python -m medtransfer.training.cluster WORKERS [TARGET...]

WORKERS is a number of local workers, or the address of a scheduler that has some; the targets are those of `dvc repro`.

The features and folds of all models are computed at once, into the caches; `dvc repro` then finds each of them done.
"""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from dvc.cli import main as dvc

from medtransfer import store
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params
from medtransfer.settings.params import Params
from medtransfer.training.cluster import tasks
from medtransfer.training.cluster.stale import to_run
from medtransfer.training.cluster.task_process import TaskProcessLostError
from medtransfer.training.cluster.tasks import Task

ENVIRONMENT = dict(os.environ)


def main(workers: str, *targets: str) -> None:
    """Compute what is to be computed, then collect."""
    params = load_params()
    try:
        from medtransfer.training.cluster.connection import LOST, address_of, check, connected
        from medtransfer.training.cluster.crew import Crew
        from medtransfer.training.cluster.driver import Driver
        from medtransfer.training.cluster.task_display import TaskDisplay
    except ModuleNotFoundError as error:
        raise UserError(f"WORKERS needs {error.name}, which is not installed: run make setup-cluster") from None
    check(workers)
    with ExitStack() as stack:

        @functools.cache
        def driver() -> Driver:
            client = stack.enter_context(connected(workers))
            display = TaskDisplay()
            display.say(f"scheduler: {address_of(client)}, dashboard: {client.dashboard_link}")
            crew = stack.enter_context(Crew(client, display.say))
            with suppress(*LOST):
                crew.look()  # a worker of another version is better refused now than after minutes
            return Driver(params, crew, display)

        if not workers.isdecimal():
            driver()
        dvc_repro("transfer", "split")
        compute(params, lambda wanted: driver().compute(wanted))
    dvc_repro(*targets)


def compute(params: Params, by: Callable[[Sequence[Task]], None]) -> None:
    """The tasks of all models that are not up to date: features first, and meanwhile what needs none that are new."""
    models = params.study.models
    stored = [model for model in models if store.settings_of_model(model).backbone.read().backbone.stored]
    new = to_run([_stage("features", params, model) for model in stored])
    first = [model for model in stored if _stage("features", params, model) in new]
    ready = [model for model in models if model not in first]
    if ready:
        dvc_repro("--quiet", *(_stage("features", params, model) for model in ready))
    wanted = [tasks.features(params, model) for model in first] + trainings(params, ready)
    if wanted:
        by(wanted)
    if first:
        dvc_repro("--quiet", *(_stage("features", params, model) for model in first))
        if wanted := trainings(params, first):
            by(wanted)


def trainings(params: Params, models: Sequence[str]) -> list[Task]:
    """The folds, and the fractions of them, that DVC would train."""
    trained = to_run([_stage("train", params, model) for model in models])
    new = [model for model in models if _stage("train", params, model) in trained]
    wanted = [task for model in new for task in tasks.folds(params, model)]
    if not params.study.fractions:
        return wanted
    if old := [model for model in models if model not in new]:
        # whose fractions depend on predictions that DVC may have to restore first
        dvc_repro("--quiet", *(_stage("evaluate", params, model) for model in old))
        stale = to_run([_stage("fractions", params, model) for model in old])
        new += [model for model in old if _stage("fractions", params, model) in stale]
    return wanted + [task for model in new for task in tasks.fractions(params, model)]


def dvc_repro(*arguments: str) -> None:
    """Run it, without starting a process that would import DVC again; where it fails, it has said why."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)  # Dask starts local workers by setting their variables here, too
    if code := dvc(["repro", *arguments]):
        sys.exit(code)


def _stage(name: str, params: Params, model: str) -> str:
    return f"{name}@{params.dataset}-{model}"


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
    except TaskProcessLostError:
        sys.exit("\nerror: the process that builds networks here has ended: its memory was full, or see above\n")
    except KeyboardInterrupt:
        sys.exit("\nstopped; the tasks that are done are kept: the same command continues\n")
