"""The process beside a worker ends with it, whether it has loaded Keras itself or the stage server has."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from medtransfer.process import delegation, stage_server
from medtransfer.training.cluster import task_process
from tests.conftest import ROOT
from tests.servers import PLACES, ready_server

CODE = """
import time
from medtransfer.training.cluster.task_process import TaskProcess
print(TaskProcess()._process.pid, flush=True)
time.sleep(100)
"""


def test_argument_is_the_one_that_the_stage_server_looks_for() -> None:
    assert task_process.SERVED == delegation.SERVED


@pytest.mark.long
@pytest.mark.parametrize("served", [True, False])
def test_killed_worker_takes_its_process_with_it(served: bool) -> None:
    address = ready_server(*stage_server.LIBRARIES) if served else ""
    environment = os.environ | PLACES | {stage_server.ADDRESS: address, "PYTHONPATH": str(ROOT / "src")}
    worker = subprocess.Popen([sys.executable, "-c", CODE], env=environment, stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    beside = psutil.Process(int(worker.stdout.readline()))
    if served:
        time.sleep(1)  # in which it would begin to load Keras
        assert "tensorflow" not in str(beside.memory_maps())
    worker.kill()
    worker.wait()
    begun = time.monotonic()
    while beside.is_running() and beside.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - begun < 30
        time.sleep(0.1)
