"""What is printed while Keras is imported: known lines are left out, all others are not."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from medtransfer.process import stage_server
from medtransfer.process.keras_import import KNOWN
from tests.conftest import ROOT
from tests.servers import ready_server

pytestmark = pytest.mark.long


def run(folder: Path, tensorflow: str, program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process where Keras imports this as TensorFlow."""
    for name, content in (("tensorflow", tensorflow), ("keras", KERAS), ("sklearn", ""), ("matplotlib", "")):
        (folder / f"{name}.py").write_text(content)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "src")])}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)


# As Keras does: it imports TensorFlow, and two others where they are installed.
KERAS = """
import types, tensorflow
backend = types.SimpleNamespace(backend=lambda: "tensorflow")
optional = []
for name in ("sklearn", "matplotlib"):
    try:
        optional.append(__import__(name))
    except ImportError:
        pass
"""
TENSORFLOW = """
import os, types
os.write(2, b"I0000 1 port.cc:153] oneDNN custom operations are on. You may see\\n")
os.write(2, b"E0000 1 other.cc:1] something else\\n")
line = b"E0000 1 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.\\n"
config = types.SimpleNamespace(list_physical_devices=lambda: os.write(2, line))
"""


def test_import_leaves_out_only_known_lines(tmp_path: Path) -> None:
    """A line that C++ writes meanwhile is printed after it; what was hidden can be imported."""
    done = run(tmp_path, TENSORFLOW, "import medtransfer, keras, sklearn, matplotlib; print(keras.optional)")
    assert done.stdout == "[]\n", done.stderr
    assert done.stderr == "E0000 1 other.cc:1] something else\n"
    done = run(tmp_path, TENSORFLOW, "import keras, medtransfer")
    assert "oneDNN" in done.stderr, "a process that imports Keras first has prepared nothing"


def test_real_import_prints_nothing() -> None:
    """That of the server from which stages are forked; where there can be none, that of a process."""
    if address := ready_server(*stage_server.LIBRARIES):
        assert Path(f"{address}.log").read_text() == ""
    else:
        command = [sys.executable, "-c", "import medtransfer, keras"]
        done = subprocess.run(command, cwd=ROOT / "src", capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_failed_import_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path, "import nothing_of_this_name", "import medtransfer, keras")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_lines_of_an_import_that_crashes_are_shown(tmp_path: Path) -> None:
    crash = 'import os; os.write(2, b"this processor is too old\\n"); os.abort()'
    done = run(tmp_path, crash, "import medtransfer, keras")
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
