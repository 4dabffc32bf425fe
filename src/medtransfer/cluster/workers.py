"""The workers of a run: local ones are started, others are found at a scheduler; each is looked at before it works."""

import logging
import os
import re
import signal
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster
from distributed.comm.core import CommClosedError

from medtransfer import store
from medtransfer.cluster.facts import Facts, refusal
from medtransfer.cluster.files import send
from medtransfer.cluster.task_process import task_process
from medtransfer.cluster.tasks import Place, Task
from medtransfer.cluster.worker import facts, folder_of
from medtransfer.settings.errors import UserError

SLOT = "medtransfer"  # the resource that a worker has once it may work: one task at a time
CONNECT = 30  # seconds
FOLDER = store.CACHE / "cluster"
# A worker's threads are those of its operations, and its bars are not read by anyone.
QUIET = {"TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
ADDRESS = re.compile(r"(tcp|tls|ucx|wss?)://[^/]+:[0-9]+")
LOST = (OSError, CommClosedError, TimeoutError)


def check(workers: str) -> None:
    """Raises UserError where it is neither a number of local workers nor the address of a scheduler."""
    if workers.isdecimal() and not int(workers):
        raise UserError("WORKERS=0 computes nothing: write the number of local workers, or leave WORKERS out")
    if not workers.isdecimal() and not ADDRESS.fullmatch(workers):
        raise UserError(
            f"WORKERS={workers} is neither a number of local workers nor the address of a scheduler, such as "
            "tcp://host:8786"
        )


@contextmanager
def connected(workers: str) -> Iterator[Client]:
    """A client of so many local workers, or of those at a scheduler. Raises UserError where none answers."""
    if workers.isdecimal():
        with local(int(workers)) as client:
            yield client
        return
    try:
        client = Client(workers, timeout=CONNECT, set_as_default=False)
    except (*LOST, ValueError, TypeError) as error:  # the last of an encrypted one without its settings
        raise UserError(
            f"no scheduler answers at {workers} ({error}): start one there with make scheduler, and its workers with "
            f"make worker SCHEDULER={workers}"
        ) from None
    with client:
        yield client


def address_of(client: Client) -> str:
    """Of its scheduler."""
    return str(client.scheduler.address) if client.scheduler else "no address"


@contextmanager
def local(count: int) -> Iterator[Client]:
    """So many processes of this machine, each with its share of the cores."""
    threads = os.environ.get("TF_NUM_INTRAOP_THREADS") or str(max(1, (os.cpu_count() or 1) // count))
    FOLDER.mkdir(parents=True, exist_ok=True)
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # workers inherit it: Ctrl-C is for the run, which ends them
    cluster = LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=logging.CRITICAL,
        local_directory=str(FOLDER),
        env=QUIET | dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), threads),
    )
    signal.signal(signal.SIGINT, handler)
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@dataclass
class Crew:
    """The workers that may work, and what each of them has been sent."""

    client: Client
    say: Callable[[str], None]
    here: Facts = field(default_factory=facts)
    tasks: list[Task] = field(default_factory=list)
    accepted: dict[str, Path] = field(default_factory=dict)  # by address: the folder that it works in
    refused: dict[str, str] = field(default_factory=dict)  # by address: why
    names: dict[str, str] = field(default_factory=dict)  # by address
    said: set[tuple[str, int]] = field(default_factory=set)  # processors and threads, other than here, that were named
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
        if self.accepted.pop(address, None) is not None:
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
        except LOST as error:  # it is gone in the meantime, unless the system says another reason
            self.accepted.pop(address, None)
            if isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError):
                self.refuse(address, f"it cannot have its inputs ({error}): see whether its disk is full")
            return
        self._name_differences(address, there)

    def _name_differences(self, address: str, there: Facts) -> None:
        """Those that change last bits, once for each kind of worker."""
        here, kind = (self.here.processor, self.here.threads), (there.processor, there.threads)
        if kind != here and kind not in self.said:
            self.said.add(kind)
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
