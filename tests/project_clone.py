"""A temporary clone of the project as it stands, small enough to run, in which real git and real DVC work."""

import copy
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from ruamel.yaml import YAML

from medtransfer.process import stage_server
from tests.conftest import ROOT
from tests.plain_study import plain
from tests.servers import DVC, PLACES, request_process, server

BIN = Path(sys.executable).parent
EARLY = stage_server.read_early(os.environ)
yaml = YAML(typ="safe")
yaml.default_flow_style = False
yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
yaml.representer.ignore_aliases = lambda *_: True


class Clone:
    """A folder with the project's files in a git repository of its own."""

    def __init__(self, path: Path, **environment: str) -> None:
        assert stage_server.read_early(os.environ) == EARLY, (
            "a test has left variables with which no server runs a stage"
        )
        self.path = path
        # A clone's code is compiled once, also where nothing is to be written beside the project's own.
        others = ("PYTEST", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        inherited: dict[str, str] = {key: value for key, value in os.environ.items() if not key.startswith(others)}
        programs = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        self.environment = inherited | programs | PLACES | environment
        self.environment |= {stage_server.ADDRESS: server(*stage_server.LIBRARIES)}

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command in the clone, its output caught as text; where it should work and fails, the output is shown."""
        with tempfile.TemporaryFile("w+") as output:
            status = self._dvc_by_its_server(command[1:], output) if command[0] == "dvc" else None
            if status is None:
                status = subprocess.run(
                    command, cwd=self.path, env=self.environment, stdout=output, stderr=subprocess.STDOUT
                ).returncode
            output.seek(0)
            done = subprocess.CompletedProcess(command, status, output.read())
        assert not check or done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-6000:]}"
        return done

    def _dvc_by_its_server(self, arguments: Sequence[str], output: TextIO) -> int | None:
        """The exit status of a dvc command in a process that need not import DVC; None where there is no server."""
        if not (address := server(*DVC)):
            return None
        request = {"module": "dvc", "arguments": arguments, "folder": str(self.path), "environment": self.environment}
        with Path(os.devnull).open() as nothing:
            files = [nothing.fileno(), output.fileno(), output.fileno()]
            with request_process(address, request, files) as answers:
                return int(answers.readline() or -signal.SIGKILL) if answers.readline() == b"taken\n" else None

    def dvc(self, *arguments: str, check: bool = True) -> str:
        """What a dvc command prints."""
        return self.run("dvc", *arguments, check=check).stdout

    def edit(self, file: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change a YAML file in place."""
        content = yaml.load(self.path / file)
        change(content)
        yaml.dump(content, self.path / file)

    def forget_other_stages(self) -> None:
        """Remove the lock of the sample study, which DVC would read and write again for every stage that it runs."""
        (self.path / "dvc.lock").unlink()

    def commit(self) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "test")


def stages_run(output: str) -> set[str]:
    """The names of the stages that a `dvc repro` or `dvc exp run` ran."""
    return {line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")}


def clone(path: Path, **environment: str) -> Clone:
    """The project's tracked and new files, as they stand now, committed at `path`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    made = Clone(path, **environment)
    made.run("git", "init", "--quiet")
    made.run("git", "config", "user.name", "Test")
    made.run("git", "config", "user.email", "test@example.org")
    made.commit()
    return made


def shrink(made: Clone) -> None:
    """A small phantom, two models, two folds, two epochs, few pairs in the background: seconds instead of minutes."""

    def params(content: dict[str, Any]) -> None:
        plain(content)
        content["study"]["models"] = ["simple_cnn", "frozen_cnn"]
        content["split"]["folds"] = 2
        content["leakage"]["repeats"] = 2
        content["explain"]["images_per_class"] = 1

    def datasets(content: dict[str, Any]) -> None:
        content["phantom"]["source"].update(size=32, patients=28, slices_per_patient=2)
        content["phantom"]["image_size"] = 32

    def models(content: dict[str, Any]) -> None:
        content["frozen_cnn"] = copy.deepcopy(content["mobilenetv2"])
        content["frozen_cnn"]["backbone"] |= {"architecture": "liaqat_cnn", "image_size": None, "alpha": None}
        for recipe in content.values():
            for part in ("training", "pretraining"):
                if part in recipe:
                    recipe[part] |= {"epochs": 2, "snapshots": None}

    search = made.path / "src/medtransfer/data/duplicates/search.py"  # most of its time is for the background
    code, count = re.subn(r"^PAIRS = \d+", "PAIRS = 20", search.read_text(), flags=re.MULTILINE)
    assert count == 1
    search.write_text(code)
    made.edit("params.yaml", params)
    made.edit("catalog/datasets.yaml", datasets)
    made.edit("catalog/models.yaml", models)
    made.forget_other_stages()
    made.commit()
