"""Type hints are right: a test, so that mypy, which is one process, runs beside other tests."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long
# The objects that mypy makes live until it ends, so looking for garbage among them is of no use; it takes a fifth.
PROGRAM = "import gc; gc.disable(); gc.enable = gc.disable; from mypy.__main__ import console_entry; console_entry()"


def test_mypy_finds_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
