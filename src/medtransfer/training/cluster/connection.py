"""The connection to the workers of a run: local ones are started, others are found at a scheduler."""

import logging
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster
from distributed.comm.core import CommClosedError

from medtransfer import store
from medtransfer.settings.errors import UserError

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
    try:
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
    finally:
        signal.signal(signal.SIGINT, handler)
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client
