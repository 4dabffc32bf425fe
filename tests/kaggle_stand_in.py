"""Start the stand-in for Kaggle that lies beside the repository, where there is one."""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "shared/tools/kaggle_stand_in.py"
# All that Kaggle's client needs to talk to port 80 here, whatever proxy the machine has.
CLIENT = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "NO_PROXY": "localhost", "no_proxy": "localhost"}


@contextmanager
def port_80() -> Iterator[None]:
    """Have the port to oneself: the client knows no other, and tests may run side by side."""
    with (Path(tempfile.gettempdir()) / f"medtransfer-port-80-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", 80))
        except OSError as error:
            pytest.skip(f"port 80, where Kaggle's client looks for a stand-in, cannot be had: {error}")
        yield


@contextmanager
def stand_in(*flags: str, log: Path | None = None) -> Iterator[dict[str, str]]:
    """Serve `../shared/kaggle`, or `--root`, with the given flags, and log its requests.

    Yields the environment variables that lead the client there.
    """
    if not SCRIPT.is_file():
        pytest.skip(f"the stand-in for Kaggle is not part of the repository, and {SCRIPT} is not there")
    with port_80(), (log or Path(os.devnull)).open("w") as lines:
        command = [sys.executable, str(SCRIPT), "--verbose", *flags]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=lines, text=True) as server:
            assert server.stdout is not None
            try:
                assert server.stdout.readline().startswith("serving "), "the stand-in did not start"
                yield dict(CLIENT)
            finally:
                server.terminate()
