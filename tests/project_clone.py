"""A temporary clone of the project as it stands, small enough to run, in which real git and real DVC work."""

import atexit
import copy
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from medtransfer import stage_server
from tests.conftest import ROOT
from tests.plain_study import plain

BIN = Path(sys.executable).parent
yaml = YAML(pure=True)
yaml.representer.ignore_aliases = lambda *_: True


@functools.cache
def server() -> str:
    """The address of a stage server for all clones of this process; nothing where there can be none."""
    if not stage_server.possible():
        return ""
    address = Path(tempfile.mkdtemp(prefix="medtransfer-")) / "socket"
    code = (
        "import os, sys, pathlib; from medtransfer import stage_server as server; "
        "server.serve(pathlib.Path(sys.argv[1]), parent=os.getppid())"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", code, str(address)], env=environment)
    atexit.register(process.kill)
    return str(address)


class Clone:
    """A folder with the project's files in a git repository of its own."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path = path
        inherited: dict[str, str] = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHONPATH"))
        }
        programs = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        self.environment = inherited | programs | {stage_server.ADDRESS: server()} | environment

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command in the clone, its output caught as text; where it should work and fails, the output is shown."""
        done = subprocess.run(
            command, cwd=self.path, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert not check or done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-6000:]}"
        return done

    def dvc(self, *arguments: str, check: bool = True) -> str:
        """What a dvc command prints."""
        return self.run("dvc", *arguments, check=check).stdout

    def edit(self, file: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change a YAML file in place."""
        content = yaml.load(self.path / file)
        change(content)
        yaml.dump(content, self.path / file)

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
    """A small phantom, two models, two folds, two epochs: seconds instead of minutes."""

    def params(content: dict[str, Any]) -> None:
        plain(content)
        content["study"]["models"] = ["simple_cnn", "frozen_cnn"]
        content["split"]["folds"] = 2
        content["leakage"]["repeats"] = 2
        content["explain"]["images_per_class"] = 1

    def datasets(content: dict[str, Any]) -> None:
        content["phantom"]["source"].update(size=32, patients=48, slices_per_patient=2)
        content["phantom"]["image_size"] = 32

    def models(content: dict[str, Any]) -> None:
        content["frozen_cnn"] = copy.deepcopy(content["mobilenetv2"])
        content["frozen_cnn"]["backbone"] |= {"architecture": "liaqat_cnn", "image_size": None, "alpha": None}
        for recipe in content.values():
            for part in ("training", "pretraining"):
                if part in recipe:
                    recipe[part] |= {"epochs": 2, "snapshots": None}

    made.edit("params.yaml", params)
    made.edit("catalog/datasets.yaml", datasets)
    made.edit("catalog/models.yaml", models)
    made.commit()
