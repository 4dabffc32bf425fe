"""Memory stays flat over folds and over models."""

import json
import os
import subprocess
import sys

import pytest

from medtransfer.process import stage_server
from tests.conftest import ROOT
from tests.servers import ready_server
from tests.training.flat_memory import MEGABYTES

pytestmark = pytest.mark.long


def test_memory_stays_flat_over_folds_and_models() -> None:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment[stage_server.ADDRESS] = ready_server(*stage_server.LIBRARIES)  # it has loaded Keras
    command = [sys.executable, "-m", "tests.training.flat_memory"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    peaks, alive = json.loads(done.stdout.splitlines()[-1])
    assert [(one["variables"], one["models"]) for one in alive] == [(0, 0)] * len(alive)
    # TensorFlow itself keeps what a graph of gradients is made of, single numbers among it, but no data.
    assert max(one["bytes"] for one in alive) < 2**16
    # After the third fold come five more: a copy kept of each would be 100 MB.
    assert peaks[-1] - peaks[2] < 3 * MEGABYTES * 2**20, [peak // 2**20 for peak in peaks]
