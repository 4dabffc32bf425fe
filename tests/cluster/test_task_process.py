"""The process beside a worker ends with it."""

import subprocess
import sys
import time

import psutil
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long
CODE = """
import time
from medtransfer.cluster.task_process import TaskProcess
print(TaskProcess()._process.pid, flush=True)
time.sleep(100)
"""


def test_killed_worker_takes_its_process_with_it() -> None:
    worker = subprocess.Popen([sys.executable, "-c", CODE], cwd=ROOT / "src", stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    beside = psutil.Process(int(worker.stdout.readline()))
    worker.kill()
    worker.wait()
    begun = time.monotonic()
    while beside.is_running() and beside.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - begun < 30
        time.sleep(0.1)
