"""What a worker does: it has a task computed beside it, one at a time, and says which files came out."""

import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from distributed import get_worker

from medtransfer import store
from medtransfer.cluster.facts import Facts
from medtransfer.cluster.files import FileFacts
from medtransfer.cluster.task_process import HOME, TaskProcessLostError, task_process
from medtransfer.cluster.tasks import Job, OtherKeyError, Place

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


def facts() -> Facts:
    """Of the process that computes tasks for this worker."""
    of: Facts = task_process().call("facts")
    return of


def folder_of(place: Place) -> Path:
    """The project's folder, with its checkpoints and caches, where this worker sees it, or else one of its own."""
    seen = (Path(place.folder) / place.token).is_file()
    folder = Path(place.folder) if seen else HOME / STANDS_FOR
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def work(job: Job) -> Done:
    """Compute a task. Raises RefusedError, and UserError for a user's mistake."""
    begun, address = time.monotonic(), get_worker().address
    logger.info("%s: begun", job.task.name)
    try:
        files = task_process().call("compute", folder_of(job.place), job)
    except OtherKeyError:
        raise RefusedError(address) from None
    except TaskProcessLostError:
        os.kill(os.getpid(), signal.SIGKILL)  # Dask sees it, and gives the task to another worker, a few times
        raise
    seconds = time.monotonic() - begun
    logger.info("%s: done in %.1f s", job.task.name, seconds)
    return Done(address, seconds, files)
