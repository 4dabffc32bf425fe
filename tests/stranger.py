"""A process that knows Keras but not this project: whoever opens a model that the pipeline saved."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.process import stage_server
from medtransfer.store import formats
from tests.servers import PLACES, request_process, server

# Answers each folder with y.npy, what its m.keras says of x.npy, for as long as it is asked.
PROGRAM = """
import gc, keras, numpy, sys, tensorflow
tensorflow.config.run_functions_eagerly(True)  # each model answers once
gc.freeze()  # libraries stay: `clear_session` looks for garbage among models alone
for line in sys.stdin:
    folder = line.strip() + "/"
    model = keras.saving.load_model(folder + "m.keras")
    numpy.save(folder + "y.npy", keras.ops.convert_to_numpy(model(numpy.load(folder + "x.npy"), training=False)))
    keras.utils.clear_session()
    print("done", flush=True)
assert "medtransfer" not in sys.modules
assert not keras.saving.get_custom_objects()
"""
LIMIT = 60  # seconds for an answer


@dataclass(frozen=True)
class Stranger:
    """The process's input and output, and the folder that it shares with the tests."""

    requests: IO[str]
    answered: IO[str]
    folder: Path

    def answers(self, model: keras.Model, images: NDArray) -> NDArray[np.float32]:
        """What it makes of images with a model that was saved as the pipeline saves it."""
        formats.write_model(self.folder / "m.keras", model)
        formats.write_array(self.folder / "x.npy", images)
        print(self.folder, file=self.requests, flush=True)
        assert self.answered.readline() == "done\n"
        return np.load(self.folder / "y.npy")


@contextmanager
def stranger_in(folder: Path) -> Iterator[Stranger]:
    """Start it in a folder, where nothing of the project lies on its path; it must end well."""
    (folder / "stranger.py").write_text(PROGRAM)
    with _forked(folder) if stage_server.possible() else _started(folder) as stranger:
        yield stranger
        (folder / "m.keras").unlink(missing_ok=True)  # pytest keeps folders, and these files are large


@contextmanager
def _forked(folder: Path) -> Iterator[Stranger]:
    """From a process that has imported Keras."""
    others = ("PYTHONPATH", stage_server.ADDRESS)
    environment = {name: value for name, value in os.environ.items() if name not in others} | PLACES
    request = {"module": "stranger", "arguments": [], "folder": str(folder), "environment": environment}
    ours, theirs = socket.socketpair()
    files = [theirs.fileno(), theirs.fileno(), 2]
    with ours, request_process(server(*stage_server.LIBRARIES), request, files) as status:
        theirs.close()
        assert status.readline() == b"taken\n"
        ours.settimeout(LIMIT)
        with ours.makefile("w") as requests, ours.makefile() as answered:
            yield Stranger(requests, answered, folder)
            ours.shutdown(socket.SHUT_WR)
            assert status.readline() == b"0\n"


@contextmanager
def _started(folder: Path) -> Iterator[Stranger]:
    """Where no process can be forked after that import: on its own."""
    command = [sys.executable, "stranger.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdin
        assert process.stdout
        yield Stranger(process.stdin, process.stdout, folder)
        process.stdin.close()
        assert process.wait(LIMIT) == 0
