"""A process in which tasks run, and nothing else: so they are as repeatable as a stage.

Dask's threads draw from Python's random numbers at any moment, and Keras seeds its own by them. So neither a worker nor
the process that gives tasks loads Keras: each has such a process beside it, which ends when it does, even if it is
killed.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from functools import cache
from pathlib import Path
from typing import Any

# What Dask sets for a worker itself: memory that is given back to the system at once has to be asked for again.
OF_WORKERS = ("MALLOC_TRIM_THRESHOLD_", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED")
HOME = Path.cwd()  # where the library is found by a relative PYTHONPATH


SERVED = "--served"  # the stage server may run it, see process/delegation.py


class TaskProcessLostError(Exception):
    """The process was killed, probably as the memory was full."""


class TaskProcess:
    """Calls functions of `compute` in one process, one after the other."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "medtransfer.training.cluster.task_process", SERVED]
        environment = {name: value for name, value in os.environ.items() if name not in OF_WORKERS}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOME, env=environment
        )
        self._lock = threading.Lock()
        self.ended = False  # on purpose

    def call(self, function: str, *arguments: object) -> Any:  # noqa: ANN401
        """The result of a function, by its name; what it raises is raised here. Raises TaskProcessLostError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            try:
                pickle.dump((function, arguments), self._process.stdin)
                self._process.stdin.flush()
                result, error = pickle.load(self._process.stdout)
            except (EOFError, OSError, pickle.UnpicklingError):
                raise TaskProcessLostError from None
        if error is not None:
            raise error
        return result

    def end(self) -> None:
        """Also in mid-task, whose call then raises TaskProcessLostError."""
        self.ended = True
        self._process.kill()


@cache
def task_process() -> TaskProcess:
    """That of this process, started when it is first needed."""
    return TaskProcess()


def _serve() -> None:
    """Answer calls until the process that makes them is gone; then end, in mid-task too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that calls
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what tasks print is no answer
    reading, writing = os.pipe()
    busy = threading.Event()
    busy.set()
    threading.Thread(target=_pass_on, args=[calls.fileno(), writing, busy], daemon=True).start()
    from medtransfer.training.cluster import compute  # loads Keras

    busy.clear()
    with os.fdopen(reading, "rb") as passed:
        while True:
            try:
                function, arguments = pickle.load(passed)
            except EOFError:
                return
            busy.set()
            answer: tuple[Any, BaseException | None]
            try:
                answer = getattr(compute, function)(*arguments), None
            except Exception as error:
                error.add_note(traceback.format_exc())
                answer = None, error
            try:
                message = pickle.dumps(answer)
            except Exception:  # an error of a kind that cannot be sent
                message = pickle.dumps((None, RuntimeError(repr(answer[1]))))
            answers.write(message)
            answers.flush()
            busy.clear()


def _pass_on(calls: int, to: int, busy: threading.Event) -> None:
    with os.fdopen(to, "wb") as passed:
        while part := os.read(calls, 2**20):
            passed.write(part)
            passed.flush()
    # Another worker may continue the task at once, so nothing is written any more. Without a task, it ends by itself.
    busy.wait()
    os._exit(0)


if __name__ == "__main__":
    _serve()
