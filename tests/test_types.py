"""Type hints are right: a test, so that mypy, which is one process, runs beside other tests."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long


def test_mypy_finds_nothing() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
