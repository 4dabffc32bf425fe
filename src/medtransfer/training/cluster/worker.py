"""What a worker does: it has a task computed beside it, one at a time, and says which files came out."""

import logging
import os
import signal
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from distributed import get_worker

from medtransfer import store
from medtransfer.training.cluster.facts import Facts
from medtransfer.training.cluster.files import FileFacts
from medtransfer.training.cluster.task_process import HOME, TaskProcessLostError, task_process
from medtransfer.training.cluster.tasks import Job, OtherKeyError, Place

STANDS_FOR = store.CACHE / "cluster/project"  # the folder of a worker that does not see the project's
logger = logging.getLogger("distributed.worker.medtransfer")


@dataclass(frozen=True)
class Done:
    """The result."""

    worker: str  # its address
    seconds: float
    files: list[FileFacts]


class RefusedError(Exception):
    """A worker, by its address, whose results would be others."""


@cache
def facts() -> Facts:
    """Of the process that computes tasks for this worker; known already where a task of another run keeps it busy."""
    of: Facts = task_process().call("facts")
    return of


_runs: list[str] = []  # of the task that is being computed


def stop(run: str) -> None:
    """End the task of a run that is given up: its checkpoint stays."""
    if run in _runs:
        task_process().end()
        task_process.cache_clear()
        facts.cache_clear()


def folder_of(place: Place) -> Path:
    """The project's folder, with its checkpoints and caches, where this worker sees it, or else one of its own."""
    seen = (Path(place.folder) / place.token).is_file()
    folder = Path(place.folder) if seen else HOME / STANDS_FOR
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def work(job: Job) -> Done:
    """Compute a task. Raises RefusedError, and UserError for a user's mistake."""
    begun, address, process = time.monotonic(), get_worker().address, task_process()
    logger.info("%s: begun", job.task.name)
    _runs.append(job.run)
    try:
        files = process.call("compute", folder_of(job.place), job)
    except OtherKeyError:
        raise RefusedError(address) from None
    except TaskProcessLostError:
        if process.ended:
            raise
        os.kill(os.getpid(), signal.SIGKILL)  # Dask sees it, and gives the task to another worker, a few times
        raise
    finally:
        _runs.remove(job.run)
    seconds = time.monotonic() - begun
    logger.info("%s: done in %.1f s", job.task.name, seconds)
    return Done(address, seconds, files)
