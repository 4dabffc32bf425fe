"""Starts stages in processes that have Keras loaded already: python -m medtransfer.process.stage_server dvc repro

A run of the pipeline starts some forty processes, and most of them take seconds to import TensorFlow. While the given
command runs, one process that has imported the libraries, and nothing of this project, forks itself for each stage.
The stage then runs its own code in its own process, with the arguments, folder, environment and output of the process
that DVC has started, which waits for it. Without this server, a stage runs as it always does, and gives the same bytes.

It serves on Linux where there is no GPU, whose driver does not survive a fork.
"""

import array
import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from medtransfer.process.delegation import ADDRESS as ADDRESS

DEVICES = ("/dev/nvidiactl", "/dev/kfd")  # of NVIDIA's and AMD's drivers
LIBRARIES = (
    *("keras", "pandas", "pydantic.dataclasses", "ruamel.yaml", "scipy.stats", "sklearn.metrics", "cv2", "tqdm"),
    "matplotlib.pyplot",
)
# Variables that the libraries read when they are imported: with others than the server's, a stage runs by itself.
READ_EARLY = ("KERAS_", "TF_", "ONEDNN_", "OMP_", "OPENBLAS_", "MKL_", "CUDA_", "XLA_", "MPL", "PYTHONHASHSEED")
OF_LOGS = "TF_CPP_MIN_LOG_LEVEL"  # changes no result
LARGEST = 2**20  # bytes of a request
LOOK = 2.0  # seconds after which the server looks whether it is still needed


def main(command: Sequence[str]) -> int:
    """Run a command, with a server beside it where there can be one; returns its exit status."""
    if not possible():
        return _status_of_command(command, os.environ)
    with tempfile.TemporaryDirectory(prefix="medtransfer-") as folder:
        server = start(Path(folder) / "socket")
        try:
            return _status_of_command(command, os.environ | {ADDRESS: f"{folder}/socket"})
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)


def possible() -> bool:
    """Whether processes can be forked after TensorFlow is imported."""
    return sys.platform == "linux" and not any(Path(device).exists() for device in DEVICES)


def start(address: Path) -> int:
    """Fork the server, which answers as soon as it has loaded the libraries; returns its process."""
    if process := os.fork():
        return process
    parent = os.getppid()
    try:
        serve(address, parent=parent)
    finally:
        os._exit(1)


def serve(address: Path, libraries: Sequence[str] = LIBRARIES, parent: int | None = None) -> None:
    """Load the libraries, then answer at a socket until the process, or its `parent`, is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # finished stages are not waited for
    for library in libraries:
        __import__(library)
    gc.freeze()  # before it forks: looking for garbage would copy the pages that stages share
    early = read_early(os.environ)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen(64)
        listening.settimeout(LOOK)
        while parent is None or os.getppid() == parent:
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            connection.setblocking(True)
            if os.fork():
                connection.close()
                continue
            listening.close()
            request, files = _received(connection)
            if read_early(request["environment"]) != early:
                os._exit(0)
            connection.sendall(b"taken\n")
            _run(request, files, connection)


def read_early(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which the server decides whether it may run a module."""
    return {name: value for name, value in environment.items() if name.startswith(READ_EARLY) and name != OF_LOGS}


def _received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    content, files, _, _ = socket.recv_fds(connection, LARGEST, 3)
    while not content.endswith(b"\n"):
        if not (part := connection.recv(LARGEST)):
            os._exit(0)  # the process that asks is gone
        content += part
    return json.loads(content), list(array.array("i", files))


def _run(request: Mapping[str, Any], files: Sequence[int], connection: socket.socket) -> NoReturn:
    """Become the stage; the last that is done is to send its exit status."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    atexit._clear()  # the server's own, such as removing the folder of its socket
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    own = [str(Path(folder).resolve()) for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.path[:] = [
        request["folder"],
        *own,
        *(path for path in sys.path[1:] if "site-packages" in path or "lib" in path),
    ]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("medtransfer", "stages", "__main__")]:
        del sys.modules[name]
    threading.Thread(target=_end_with, args=[connection], daemon=True).start()
    status = _status_of(request["module"], request["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(f"{status}\n".encode())
    os._exit(status)


def _status_of(module: str, arguments: Sequence[str]) -> int:
    sys.argv = [module, *arguments]
    sys.orig_argv = [sys.executable, *arguments]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:  # while its modules are imported
        status = 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    atexit._run_exitfuncs()
    return status


def _end_with(connection: socket.socket) -> None:
    """Where the process that waits for this stage is killed, the stage is too."""
    connection.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _status_of_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it to its end; of a command that a signal ended, the status is what a shell says."""
    try:
        process = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        print(f"error: there is no command {command[0]}", file=sys.stderr)
        return 127
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # which the command has had too: it ends by itself
            continue
        return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
