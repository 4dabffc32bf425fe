"""The workers of a run: each is looked at before it works, and is sent what it does not see."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client

from medtransfer.settings.errors import UserError
from medtransfer.training.cluster.connection import FOLDER, LOST, address_of
from medtransfer.training.cluster.facts import Facts, refusal
from medtransfer.training.cluster.files import send
from medtransfer.training.cluster.task_process import task_process
from medtransfer.training.cluster.tasks import Place, Task
from medtransfer.training.cluster.worker import facts, folder_of

SLOT = "medtransfer"  # the resource that a worker has once it may work: one task at a time


@dataclass
class Crew:
    """The workers that may work, and what each of them has been sent."""

    client: Client
    say: Callable[[str], None]
    here: Facts = field(default_factory=facts)
    tasks: list[Task] = field(default_factory=list)
    accepted: dict[str, Path] = field(default_factory=dict)  # by address: the folder that it works in
    working: set[str] = field(default_factory=set)  # addresses that may be given a task, until they are refused
    refused: dict[str, str] = field(default_factory=dict)  # by address: why
    names: dict[str, str] = field(default_factory=dict)  # by address
    named_differences: set[tuple[str, int]] = field(default_factory=set)  # processors and threads, other than here
    waited: bool = False  # whether there was no worker when they were looked at last

    def __post_init__(self) -> None:
        self.place = Place(str(Path.cwd()), (FOLDER / f"{uuid.uuid4().hex}.token").as_posix())

    def __enter__(self) -> "Crew":
        FOLDER.mkdir(parents=True, exist_ok=True)
        Path(self.place.token).touch()
        return self

    def __exit__(self, *raised: object) -> None:
        Path(self.place.token).unlink(missing_ok=True)

    def look(self) -> None:
        """Accept or refuse the workers that have come, and forget those that are gone.

        Raises UserError where there are workers and all of them are refused.
        """
        there = self.client.scheduler_info(n_workers=-1)["workers"]
        self.refused = {address: why for address, why in self.refused.items() if address in there}
        self.working &= there.keys()
        for address in self.accepted.keys() - there.keys():
            del self.accepted[address]
            self.say(f"{self.name(address)} is gone; the task that it had is given again")
        self.names |= {address: _name(str(worker["name"]), worker["host"]) for address, worker in there.items()}
        new = [address for address in there if address not in self.accepted and address not in self.refused]
        answers = self.client.run(facts, workers=new, on_error="return") if new else {}
        for address, answer in answers.items():
            self._examine(address, answer)
        if self.refused and not self.accepted:
            raise UserError(f"no worker can work: {'; '.join(self.refused.values())}")
        if not self.accepted and not self.waited:
            self.say(f"waiting for a worker: make worker SCHEDULER={address_of(self.client)}")
        self.waited = not self.accepted

    def give(self, tasks: Sequence[Task]) -> None:
        """The inputs of tasks, to all workers that do not see the project's folder, and to those that come later."""
        self.tasks.extend(tasks)
        for address in list(self.accepted):
            try:
                self._send(address)
            except LOST:  # it is looked at again, unless it is gone
                del self.accepted[address]

    def refuse(self, address: str, why: str) -> None:
        """Give a worker no more tasks."""
        self.refused[address] = f"{self.name(address)} is refused: {why}"
        self.say(self.refused[address])
        self.accepted.pop(address, None)
        if address in self.working:
            self.working.remove(address)
            self.call(address, _set_slots, 0)

    def call(self, address: str, function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401
        """A function on one worker, even while it works; its result."""
        return self.client.run(function, *arguments, workers=[address], wait=True)[address]

    def _examine(self, address: str, there: Facts | Exception) -> None:
        """Accept or refuse a worker, unless it is gone again."""
        if isinstance(there, LOST):
            return
        if isinstance(there, Exception):
            self.refuse(address, f"it cannot load this library ({there}); start it with make worker")
            return
        if why := refusal(self.here, there):
            self.refuse(address, why)
            return
        try:
            self.accepted[address] = self.call(address, folder_of, self.place)
            self._send(address)
            self.call(address, _set_slots, 1)
            self.working.add(address)
        except LOST as error:  # it is gone in the meantime, unless the system says another reason
            self.accepted.pop(address, None)
            if isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError):
                self.refuse(address, f"it cannot have its inputs ({error}): see whether its disk is full")
            return
        self._name_differences(address, there)

    def _name_differences(self, address: str, there: Facts) -> None:
        """Those that change last bits, once for each kind of worker."""
        here, kind = (self.here.processor, self.here.threads), (there.processor, there.threads)
        if kind != here and kind not in self.named_differences:
            self.named_differences.add(kind)
            self.say(
                f"{self.name(address)} computes with TF_NUM_INTRAOP_THREADS={there.threads} on "
                f"{there.processor}, and this command without workers with {here[1]} on {here[0]}: results may "
                "differ a little, see docs/workers.md"
            )

    def name(self, address: str) -> str:
        """Of a worker, also of one that is gone."""
        return self.names.get(address, address)

    def sees_project(self, address: str) -> bool:
        """Whether a worker writes its results where this process looks for them."""
        return self.accepted.get(address) == Path(self.place.folder)

    def _send(self, address: str) -> None:
        if self.sees_project(address):
            return
        of_models = {(task.model, task.kind): task for task in self.tasks}
        every = [task_process().call("inputs", task) for task in of_models.values()]
        files = {file: Path(path) for of_task in every for file, path in of_task.items()}
        if size := send(partial(self.call, address), self.accepted[address], files):
            self.say(f"{self.name(address)}: {size / 1e6:.1f} MB of inputs are sent, and verified there")


def _name(name: str, host: str) -> str:
    """A worker that was given no name has its address for one."""
    return f"worker {name}" if host in name else f"worker {name} ({host})"


async def _set_slots(number: int, dask_worker: Any) -> None:  # noqa: ANN401
    await dask_worker.set_resources(**{SLOT: number})
