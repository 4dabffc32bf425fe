"""Workers of Dask compute what `dvc repro` computes: the same files, whatever happens to them."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import psutil
import pytest
from distributed import LocalCluster

from tests.conftest import ROOT
from tests.project_clone import Clone, clone, shrink, yaml

pytestmark = pytest.mark.pipeline
TARGETS = ("train", "fractions")
COMPARED = ("train@phantom-simple_cnn", "fractions@phantom-simple_cnn", "train@phantom-frozen_cnn")


def small(content: dict[str, Any]) -> None:
    """Every kind of task: features, folds, fractions and refits."""
    content["study"] |= {"fractions": [0.5, 1], "draws": 1}
    content["evaluate"]["tested"] = "refit"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A study whose images are prepared and split."""
    made = clone(tmp_path_factory.mktemp("project") / "prepared", PYTHONPATH="src")
    shrink(made)
    made.edit("params.yaml", small)
    made.commit()
    made.dvc("repro", "transfer", "split")
    return made


@pytest.fixture(scope="module")
def serial_lock(prepared: Clone) -> str:
    """dvc.lock of a run without workers."""
    made = copy_of(prepared, "serial")
    made.dvc("repro", *COMPARED)
    return (made.path / "dvc.lock").read_text()


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


def copy_of(made: Clone, name: str) -> Clone:
    path = made.path.with_name(name)
    shutil.copytree(made.path, path, symlinks=True)
    return Clone(path, PYTHONPATH="src")


def with_workers(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "medtransfer.training.cluster", *arguments]


def with_model(prepared: Clone, model: str) -> Clone:
    """A copy of the study with one of its models."""
    made = copy_of(prepared, model)
    made.edit("params.yaml", lambda content: content.update(model=model, study=content["study"] | {"models": [model]}))
    return made


def assert_same(made: Clone, serial_lock: str, *stages: str) -> None:
    """The stages have the inputs and outputs that they have without workers."""
    ours, theirs = (yaml.load(text)["stages"] for text in ((made.path / "dvc.lock").read_text(), serial_lock))
    assert {name: ours[name] for name in stages} == {name: theirs[name] for name in stages}


def test_files_are_those_of_a_run_without_workers_though_one_is_killed(prepared: Clone, serial_lock: str) -> None:
    """Folds, fractions and refits; the same command again computes nothing."""
    made = with_model(prepared, "simple_cnn")
    command = with_workers("2", *TARGETS)
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
    assert process.wait() == 0, "".join(lines)
    assert any("is gone" in line for line in lines), "".join(lines)
    assert_same(made, serial_lock, "train@phantom-simple_cnn", "fractions@phantom-simple_cnn")
    again = made.run(*command).stdout
    assert "scheduler" not in again
    assert "Running stage" not in again


def workers_of(process: int) -> list[Any]:
    """The processes of its workers; not those that compute beside them, or beside it."""
    return [child for child in psutil.Process(process).children() if "spawn_main" in " ".join(child.cmdline())]


def test_worker_that_does_not_see_the_disk_is_sent_its_inputs_and_gives_the_same_files(
    prepared: Clone, serial_lock: str
) -> None:
    made = with_model(prepared, "frozen_cnn")
    elsewhere = (
        "from medtransfer.training.cluster import __main__, crew; place = crew.Place\n"
        "crew.Place = lambda folder, token: place('/nowhere', token)\n"
        "__main__.main('1', 'train')"
    )
    printed = made.run(sys.executable, "-c", elsewhere).stdout
    assert "MB of inputs are sent" in printed
    assert_same(made, serial_lock, "features@phantom-frozen_cnn", "train@phantom-frozen_cnn")
    sent = made.path / ".cache/cluster/project"
    assert (sent / "data/prepared/phantom/images.npy").is_file()
    assert not list(sent.rglob("*.npz")), "a result stays with the worker"


def test_worker_of_another_version_is_refused(prepared: Clone, other_version: str) -> None:
    printed = prepared.run(*with_workers(other_version), check=False)
    assert printed.returncode == 1
    assert "its code is another version" in printed.stdout
    assert "Traceback" not in printed.stdout


def test_unusable_workers_are_refused_before_anything_runs(prepared: Clone) -> None:
    printed = prepared.run(*with_workers("many"), check=False)
    assert printed.returncode == 1
    assert printed.stdout.strip().startswith("error: WORKERS=many is neither a number of local workers nor")
