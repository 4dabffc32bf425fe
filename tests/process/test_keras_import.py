"""What is printed while Keras is imported: known lines are left out, all others are not."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from medtransfer.process.keras_import import KNOWN
from tests.conftest import ROOT

pytestmark = pytest.mark.long


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT / "src", capture_output=True, text=True)


def test_import_is_quiet_and_leaves_out_only_known_lines() -> None:
    """A line that C++ writes meanwhile is printed after it; what was hidden can be imported, and errors are shown."""
    program = """
import os, sys, types, medtransfer
class Noise:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            os.write(2, b"I0000 1 port.cc:153] oneDNN custom operations are on. You may see\\n")
            os.write(2, b"E0000 1 other.cc:1] something else\\n")
sys.meta_path.insert(0, Noise())
import keras
unused = [name for name in ("sklearn", "matplotlib") if name in sys.modules]
import sklearn.metrics, matplotlib.pyplot
print(unused, keras.backend.backend())
"""
    done = run(program)
    assert done.stdout == "[] tensorflow\n", done.stderr
    assert done.stderr == "E0000 1 other.cc:1] something else\n"


def test_failed_import_is_shown() -> None:
    done = run("import sys, medtransfer; sys.modules['tensorflow'] = None; import keras")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_lines_of_an_import_that_crashes_are_shown() -> None:
    program = """
import os, sys, medtransfer
class Crash:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            os.write(2, b"this processor is too old\\n")
            os.abort()
sys.meta_path.insert(0, Crash())
import keras
"""
    done = run(program)
    assert done.returncode < 0
    assert "this processor is too old" in done.stderr


def test_broken_driver_is_no_known_line() -> None:
    line = "E0000 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR"
    assert re.search(KNOWN, f"{line} (303)")
    assert not re.search(KNOWN, f"{line} (999)")


@pytest.mark.parametrize("stage", sorted((ROOT / "stages").glob("*.py")), ids=lambda path: path.stem)
def test_stages_import_the_library_before_keras(stage: Path) -> None:
    """Keras alone, before the library has prepared its import, prints TensorFlow's lines."""
    imported = [
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.parse(stage.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert not {name.partition(".")[0] for name in imported} & {"keras", "tensorflow"}
