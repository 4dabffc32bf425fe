"""Gives the tasks of a study to workers, and puts their results where the stages look for them."""

import time
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

import pandas as pd
from distributed import Future, KilledWorker

from medtransfer import store
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Params
from medtransfer.training.cluster.connection import LOST, address_of
from medtransfer.training.cluster.crew import SLOT, Crew
from medtransfer.training.cluster.files import FileFacts, fetch, missing
from medtransfer.training.cluster.task_display import TaskDisplay
from medtransfer.training.cluster.task_process import task_process
from medtransfer.training.cluster.tasks import Job, Task, result_of
from medtransfer.training.cluster.worker import Done, RefusedError, stop, work

LOOK = 0.1  # seconds between two looks at the tasks
WELCOME = 1.0  # seconds between two looks at the workers
SEEN = 60  # seconds after which a file of another machine must be seen on a common disk
TRIES = 2  # further ones, of a task whose result is lost
OTHER_KEY = (
    "its initial weights, or their file, are not those of this machine: a processor of another kind, or another "
    "library, rounds differently; use machines of one kind, or start make reproduce on one like it"
)


class Driver:
    """Computes tasks by a crew of workers, as many at a time as there are workers."""

    def __init__(self, params: Params, crew: Crew, display: TaskDisplay) -> None:
        self._params, self._crew, self._display = params, crew, display
        self._run, self._known = uuid.uuid4().hex, cache(lambda task: task_process().call("key_of", params, task))
        self._waiting: deque[Task] = deque()
        self._running: dict[Future, Task] = {}
        self._folds: Counter[str] = Counter()  # of each model, those that are not done
        self._lost: Counter[Task] = Counter()  # how often the result of a task was not there

    def compute(self, tasks: Sequence[Task]) -> None:
        """Compute all of them; those that an earlier run has finished are there already.

        Raises UserError for a user's mistake, once, and where the scheduler is lost; what is done is kept.
        """
        shared = {self._key(task): task for task in tasks if task.kind == "features"}  # models may have the same
        tasks = [*shared.values(), *(task for task in tasks if task.kind != "features")]
        self._display.total += len(tasks)
        self._crew.give(tasks)
        self._waiting.extend(tasks)
        self._folds.update(task.model for task in tasks if task.kind == "fold")
        try:
            with self._display:
                self._work()
        except LOST as error:
            raise UserError(
                f"the scheduler at {address_of(self._crew.client)} does not answer any more ({error}): "
                f"{self._display.done} of {self._display.total} tasks are done, and kept; start the scheduler and "
                "its workers again, and then the same command"
            ) from None
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """Tasks that still run, if any: Dask alone would let them end."""
        client = self._crew.client
        if self._running and client.status == "running":
            with suppress(*LOST):
                client.cancel(list(self._running))
                client.run(stop, self._run, workers=list(self._crew.accepted), on_error="ignore")

    def _work(self) -> None:
        looked = -WELCOME
        while self._waiting or self._running:
            if time.monotonic() - looked > WELCOME:
                self._look()
                looked = time.monotonic()
            while self._waiting and len(self._running) < len(self._crew.accepted):
                self._begin(self._waiting.popleft())
            for future in [future for future in self._running if future.status != "pending"]:
                self._end(future, self._running.pop(future))
            time.sleep(LOOK)

    def _look(self) -> None:
        if self._crew.client.status != "running":
            raise ConnectionError("the connection is closed")
        self._crew.look()
        of_key = {future.key: task for future, task in self._running.items()}
        placed = self._crew.client.processing()
        at = {key: self._crew.name(address) for address, keys in placed.items() for key in keys}
        self._display.see(len(self._crew.accepted), {of_key[key].name: at[key] for key in of_key.keys() & at.keys()})

    def _begin(self, task: Task) -> None:
        key = self._key(task)
        if result_of(key, task):
            self._finished(task, "an earlier run", 0.0)
            return
        of_folds = self._of_folds(task) if task.kind == "refit" else ((), ())
        job = Job(self._run, self._crew.place, task, self._params, key, *of_folds)
        client = self._crew.client
        future = client.submit(work, job, key=f"{task.name} {uuid.uuid4().hex}", resources={SLOT: 1}, pure=False)
        self._running[future] = task

    def _end(self, future: Future, task: Task) -> None:
        if future.status == "finished":
            self._take(future.result(), task)
            return
        if future.status != "error":
            raise ConnectionError("its tasks are lost")
        error = future.exception()
        if isinstance(error, RefusedError):
            self._crew.refuse(error.args[0], OTHER_KEY)
            self._waiting.appendleft(task)
            return
        self._display.fail(task.name)
        if isinstance(error, RuntimeError) and "deserialization" in str(error):
            raise UserError(
                f"the scheduler at {address_of(self._crew.client)} cannot load this library: start it with "
                "make scheduler, in a clone of the same commit"
            )
        if isinstance(error, KilledWorker):
            raise UserError(
                f"{task.name}: {1 + error.allowed_failures} workers were killed while they computed it, probably "
                "because their memory was full: use fewer workers a machine, or lower prepare.image_size or the "
                "model's training.batch_size"
            )
        if isinstance(error, UserError):
            raise error
        notes = "\n".join(getattr(error, "__notes__", ()))
        raise UserError(f"{task.name} has failed on a worker: {type(error).__name__}: {error}\n{notes}")

    def _take(self, done: Done, task: Task) -> None:
        """Have a result here, verified, or else computed again: its worker may be lost before it is fetched."""
        folder = self._crew.accepted.get(done.worker)
        try:
            if folder and not self._crew.sees_project(done.worker):
                fetch(partial(self._crew.call, done.worker), folder, done.files)
        except LOST as error:
            self._display.say(f"{task.name}: its result could not be fetched ({error}), it is computed again")
        if self._crew.sees_project(done.worker):
            _wait_for(done.files)
        if not missing(Path(), done.files) and result_of(self._key(task), task):
            self._finished(task, self._crew.name(done.worker), done.seconds)
            return
        self._lost[task] += 1
        if self._lost[task] > TRIES:
            raise UserError(
                f"{task.name}: its result has been lost {TRIES + 1} times between {self._crew.name(done.worker)} and "
                f"this machine: see whether {store.CACHE} can be written to on both, and whether their disks are full"
            )
        self._waiting.appendleft(task)

    def _finished(self, task: Task, worker: str, seconds: float) -> None:
        self._display.end(task.name, worker, seconds)
        if task.kind != "fold":
            return
        self._folds[task.model] -= 1
        if not self._folds[task.model] and store.settings_of_model(task.model).model.read().refit:
            self._display.total += 1
            self._waiting.append(Task("refit", task.dataset, task.model, task.of))

    def _of_folds(self, refit: Task) -> tuple[Sequence[pd.DataFrame], Sequence[int]]:
        """The histories of all folds, and the epochs that they keep."""
        key = self._key(refit)
        folds = [Task("fold", refit.dataset, refit.model, number, refit.number) for number in range(refit.number)]
        states = [result_of(key, fold) for fold in folds]
        return [pd.DataFrame(state["history"]) for state in states], [state["selected"] for state in states]

    def _key(self, task: Task) -> str:
        """Of a model's training or features: the same for all folds, or all subsets, of it."""
        kind = "fold" if task.kind == "refit" else task.kind
        key: str = self._known(Task(kind, task.dataset, task.model))
        return key


def _wait_for(files: Sequence[FileFacts]) -> None:
    """Of a network's disk: what another machine has written may be seen some seconds later."""
    until = time.monotonic() + SEEN
    while missing(Path(), files) and time.monotonic() < until:
        time.sleep(1)
        for file in files:
            with suppress(OSError):
                list(Path(file.path).parent.iterdir())  # the system then asks for the folder again
