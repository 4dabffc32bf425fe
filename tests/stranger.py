"""A process that knows Keras but not this project: whoever opens a model that the pipeline saved."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.store import formats

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
"""


@dataclass(frozen=True)
class Stranger:
    """The process, and the folder that it shares with the tests."""

    process: subprocess.Popen[str]
    folder: Path

    def answers(self, model: keras.Model, images: NDArray) -> NDArray[np.float32]:
        """What it makes of images with a model that was saved as the pipeline saves it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        formats.write_model(self.folder / "m.keras", model)
        formats.write_array(self.folder / "x.npy", images)
        print(self.folder, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "done\n"
        return np.load(self.folder / "y.npy")


@contextmanager
def stranger_in(folder: Path) -> Iterator[Stranger]:
    """Start it in a folder, where nothing of the project lies on its path; it must end well."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        yield Stranger(process, folder)
        (folder / "m.keras").unlink(missing_ok=True)  # pytest keeps folders, and these files are large
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
