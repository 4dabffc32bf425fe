"""Processes that fork themselves, with slow libraries loaded, for the tests of all test processes."""

import atexit
import contextlib
import functools
import importlib.util
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from medtransfer.process import stage_server
from tests.conftest import ROOT

FOLDER = tempfile.TemporaryDirectory(prefix="medtransfer-")
PLACES = {"DVC_SITE_CACHE_DIR": f"{FOLDER.name}/dvc"}  # of DVC's database of hashes, where no other project looks
STARTED: dict[str, subprocess.Popen[bytes]] = {}  # by this process: the servers' processes, by address
LIMIT = 300  # seconds for a server to start: some, and minutes where none of its libraries was read before
SHARED_SERVERS = "MEDTRANSFER_TEST_SERVERS"  # the variable that names the folder of their sockets
# What dvc commands import, some of it when they are well under way.
DVC = (
    *("dvc.cli.parser", "dvc.repo.index", "dvc.repo.stage", "dvc.repo.reproduce", "dvc.repo.brancher", "dvc.parsing"),
    *("dvc.repo.experiments.run", "dvc.repo.experiments.show", "dvc.repo.experiments.executor.local"),
    *("dvc.repo.experiments.queue.workspace", "dvc.repo.experiments.queue.tempdir"),
    *("dvc.repo.experiments.queue.celery", "dvc.repo.experiments.queue.tasks", "dvc.repo.metrics.diff"),
    *("dvc.repo.plots.diff", "dvc.render.match", "dvc.utils.plots", "dvc.utils.strictyaml", "dvc.utils.hydra"),
    *("networkx", "ruamel.yaml", "pyparsing", "platformdirs", "pygit2", "rich.console", "dulwich.porcelain"),
    *("dvc._debug", "dvc.dirs", "dvc.types", "dvc.repo.artifacts", "dvc.repo.datasets", "dvc.repo.graph"),
    *("dvc.repo.trie", "dvc.repo.open_repo", "dvc_data.hashfile.status", "fsspec.implementations.memory"),
    *("hydra.core.override_parser.overrides_parser", "dvc.data_cloud", "dvc.cachemgr", "dvc_data.fs", "dvc.fs.dvc"),
    *("dvc_data.hashfile.db.local", "dvc_data.index.checkout", "dvc_data.index.push", "scmrepo.git.backend.pygit2"),
    *(name for name in ("s3fs", "distributed") if importlib.util.find_spec(name)),
)


def share_servers() -> None:
    """Start those of stages and of dvc commands, for this process and those that it starts."""
    for libraries in (stage_server.LIBRARIES, DVC):
        server(*libraries)
    os.environ[SHARED_SERVERS] = FOLDER.name


def worker_command() -> str:
    """The command that runs a program in a process that has loaded Keras; nothing where no server can fork one."""
    address = ready_server(*stage_server.LIBRARIES)
    return address and shlex.join([sys.executable, str(ROOT / "tests/forked_worker.py"), address])


@functools.cache
def server(*libraries: str) -> str:
    """The address of a process that forks itself, with these libraries loaded, for all clones.

    It serves stages, or dvc commands. Returns nothing where there can be none.
    """
    if not stage_server.possible():
        return ""
    if folder := os.environ.get(SHARED_SERVERS):
        return f"{folder}/{libraries[0]}"
    address = Path(FOLDER.name) / libraries[0]
    code = (
        "import os, sys, pathlib; from medtransfer.process import stage_server; "
        "stage_server.serve(pathlib.Path(sys.argv[1]), sys.argv[2:], parent=os.getppid())"
    )
    environment = os.environ | PLACES | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code, str(address), *libraries]
    # What is printed while Keras is imported; what another server prints is shown.
    with Path(f"{address}.log").open("w") if libraries == stage_server.LIBRARIES else contextlib.nullcontext() as log:
        STARTED[str(address)] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    atexit.register(STARTED[str(address)].kill)
    return str(address)


def ready_server(*libraries: str) -> str:
    """The same, once it has loaded them."""
    address = server(*libraries)
    if address:
        with socket.socket(socket.AF_UNIX) as connection:
            _connect(connection, address)
    return address


@contextlib.contextmanager
def request_process(address: str, request: Mapping[str, Any], files: Sequence[int]) -> Iterator[BinaryIO]:
    """Ask a server for a process with these three standard files; it is killed at the end of the context.

    Yields what the server says: that it has taken the request, and at the process's end its exit status.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        _connect(connection, address)
        socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], files)
        with connection.makefile("rb") as answers:
            yield answers


def _connect(connection: socket.socket, address: str) -> None:
    """Once the server has started."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return connection.connect(address)
        if address in STARTED and STARTED[address].poll() is not None:
            log = Path(f"{address}.log")
            lines = log.read_text() if log.exists() else "see its last lines"
            raise RuntimeError(f"the server {address} has ended while it started: {lines}")
        time.sleep(0.05)
    raise TimeoutError(address)
