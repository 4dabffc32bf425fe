"""Every measurement runs: its trial prints its tables, and leaves the pages under docs/ as they are."""

import os
import subprocess
import sys

import pytest

from medtransfer.process import stage_server
from tests.conftest import ROOT
from tests.servers import ready_server

pytestmark = pytest.mark.long

ENVIRONMENT = os.environ | {"PYTHONPATH": "src", "TF_CPP_MIN_LOG_LEVEL": "2"}
SCRIPTS = {
    "prepare_time": "| plain loop |",
    "duplicates_time": "| split and its audit | 400 |",
    "near_duplicates": "| unchanged | 1 | 100.0 % / – |",
    "augmentation_views": "| fresh views | ",
    "frozen_backbone": "| plain loop | – | – | – |",
    "first_phase": "| stored features | ",
    "one_graph": "| simple_cnn | ",
    "workers": "| two workers, one thread each | ",
    "initialisation": "| liaqat_cnn | LSUV | 1 |",
    "large_sets": "| prepare | 200 |",
}

# They build networks.
LONGEST = ("augmentation_views", "first_phase", "frozen_backbone", "initialisation", "one_graph", "workers")


def test_every_script_has_a_trial() -> None:
    """A file with a main program, or a folder with __main__.py, is a script."""
    names = {path.stem for path in (ROOT / "bench").glob("*.py") if "__main__" in path.read_text()}
    names |= {path.parent.name for path in (ROOT / "bench").glob("*/__main__.py")}
    assert names == SCRIPTS.keys()


@pytest.mark.parametrize(
    "script", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONGEST)) for name in SCRIPTS]
)
def test_a_trial_prints_its_tables_and_writes_nothing(script: str) -> None:
    before = {path: path.read_bytes() for path in (ROOT / "docs").iterdir()}
    served = {stage_server.ADDRESS: ready_server(*stage_server.LIBRARIES)}  # a trial's times are of no use
    trial = subprocess.run(
        [sys.executable, "-m", f"bench.{script}", "trial"], cwd=ROOT, env=ENVIRONMENT | served, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert trial.returncode == 0, trial.stderr
    assert SCRIPTS[script] in trial.stdout
    assert {path: path.read_bytes() for path in (ROOT / "docs").iterdir()} == before
