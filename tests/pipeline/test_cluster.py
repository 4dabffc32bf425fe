"""Workers of Dask compute what `dvc repro` computes: the same files, whatever happens to them."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import pytest
from distributed import LocalCluster

from tests.conftest import ROOT
from tests.project_clone import Clone, stages_run
from tests.small_study import FROZEN, TRAINED, copy_of, lose

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def project(project: Clone) -> Clone:
    """The small study, which has run without workers, in an environment that finds their module."""
    return Clone(project.path, PYTHONPATH="src")


@pytest.fixture(scope="module")
def other_version(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with a worker whose code differs by a comment."""
    source = tmp_path_factory.mktemp("other") / "src"
    shutil.copytree(ROOT / "src", source)
    with (source / "medtransfer/store/formats.py").open("a") as file:
        file.write("\n# Another version.\n")
    with mock.patch.dict(os.environ):  # Dask sets its workers' variables in this process too
        cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, env={"PYTHONPATH": str(source)}
        )
    with cluster:
        yield cluster.scheduler_address


def with_workers(*arguments: str) -> list[str]:
    return ["python", "-m", "medtransfer.training.cluster", *arguments]


def test_files_are_those_of_a_run_without_workers_though_one_is_killed(finished: Path, tmp_path: Path) -> None:
    """Folds, a refit and fractions, and the scores of them; the same command again computes nothing."""
    made = copy_of(finished, tmp_path / "copy", PYTHONPATH="src")
    lost = [f"{stage}@yours-{TRAINED}" for stage in ("train", "evaluate", "fractions")]
    lose(made, *lost)
    command = with_workers("2", lost[-1])
    process = subprocess.Popen(
        command, cwd=made.path, env=made.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    lines, ends = [], random.randint(1, 2)  # of five tasks; the moment is another one in each run of this test
    for line in process.stdout:
        lines.append(line)
        ends -= ": done by" in line
        if not ends:
            ends = -1
            random.choice(workers_of(process.pid)).kill()
    printed = "".join(lines)
    assert process.wait() == 0, printed
    assert "is gone" in printed
    assert_same_again(made, printed, lost)
    again = made.run(*command).stdout
    assert "scheduler" not in again
    assert not stages_run(again)


def assert_same_again(made: Clone, printed: str, stages: Iterable[str]) -> None:
    """These stages have run; what they have made has the hashes of the run without workers."""
    assert set(stages) <= stages_run(printed)
    assert made.run("git", "diff").stdout == ""
    assert made.run("git", "status", "--porcelain").stdout == ""


def workers_of(process: int) -> list[Any]:
    """The processes of its workers; not those that compute beside them, or beside it."""
    return [child for child in psutil.Process(process).children() if "spawn_main" in " ".join(child.cmdline())]


def test_worker_that_does_not_see_the_disk_is_sent_its_inputs_and_gives_the_same_files(
    finished: Path, tmp_path: Path
) -> None:
    made = copy_of(finished, tmp_path / "copy", PYTHONPATH="src")
    lost = [f"{stage}@yours-{FROZEN}" for stage in ("features", "train")]
    lose(made, *lost)
    elsewhere = (
        "from medtransfer.training.cluster import __main__, crew; place = crew.Place\n"
        "crew.Place = lambda folder, token: place('/nowhere', token)\n"
        f"__main__.main('1', '{lost[1]}')"
    )
    printed = made.run(sys.executable, "-c", elsewhere).stdout
    assert "MB of inputs are sent" in printed
    assert_same_again(made, printed, lost[1:])  # features are computed before, without a word of DVC
    sent = made.path / ".cache/cluster/project"
    assert (sent / "data/prepared/yours/images.npy").is_file()
    assert not list(sent.rglob("*.npz")), "a result stays with the worker"


def test_worker_of_another_version_is_refused(project: Clone, other_version: str) -> None:
    printed = project.run(*with_workers(other_version), check=False)
    assert printed.returncode == 1
    assert "its code is another version" in printed.stdout
    assert "Traceback" not in printed.stdout


def test_unusable_workers_are_refused_before_anything_runs(project: Clone) -> None:
    printed = project.run(*with_workers("many"), check=False)
    assert printed.returncode == 1
    assert printed.stdout.strip().startswith("error: WORKERS=many is neither a number of local workers nor")
