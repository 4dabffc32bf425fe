"""The peak memory of a process is its own, whatever ran before; a process that fails is shown."""

import subprocess
import sys

import pytest

from bench.process import run_python
from tests.conftest import ROOT

pytestmark = pytest.mark.long


def test_each_process_has_its_own_peak() -> None:
    """Measured by a process that is small itself, as the benchmarks are: a child counts its parent's memory too."""
    program = """
from bench.process import run_python
large, small = (run_python("-c", f"x = bytearray(10**6 * {size})") for size in (400, 1))
assert large.peak > 400 > 300 > small.peak, (large, small)
assert large.seconds > 0 < large.busy
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def test_a_failing_process_is_shown() -> None:
    with pytest.raises(SystemExit, match=r"(?s)ValueError: wrong.*failed"):
        run_python("-c", "raise ValueError('wrong')")
