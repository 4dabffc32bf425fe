"""A temporary clone of the project as it stands, small enough to run, in which real git and real DVC work."""

import atexit
import contextlib
import copy
import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from ruamel.yaml import YAML

from medtransfer.process import stage_server
from tests.conftest import ROOT
from tests.plain_study import plain

BIN = Path(sys.executable).parent
SHARED = ROOT.parent / "shared"
FOLDER = tempfile.TemporaryDirectory(prefix="medtransfer-")
# Of DVC's database of hashes, where no other project looks, and of ImageNet weights, where there are any.
PLACES = {"DVC_SITE_CACHE_DIR": f"{FOLDER.name}/dvc"} | (
    {"KERAS_HOME": str(SHARED / "keras")} if (SHARED / "keras").is_dir() else {}
)
EARLY = stage_server.read_early(os.environ)
SHARED_SERVERS = "MEDTRANSFER_TEST_SERVERS"  # the variable that names the folder of their sockets
yaml = YAML(typ="safe")
yaml.default_flow_style = False
yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
yaml.representer.ignore_aliases = lambda *_: True


# What dvc commands import, some of it when they are well under way.
DVC = (
    *("dvc.cli.parser", "dvc.repo.index", "dvc.repo.stage", "dvc.repo.reproduce", "dvc.repo.brancher", "dvc.parsing"),
    *("dvc.repo.experiments.run", "dvc.repo.experiments.show", "dvc.repo.experiments.executor.local"),
    *("dvc.repo.experiments.queue.workspace", "dvc.repo.experiments.queue.tempdir"),
    *("dvc.repo.experiments.queue.celery", "dvc.repo.experiments.queue.tasks", "dvc.repo.metrics.diff"),
    *("dvc.repo.plots.diff", "dvc.render.match", "dvc.utils.plots", "dvc.utils.strictyaml", "dvc.utils.hydra"),
    "networkx",
    *("hydra.core.override_parser.overrides_parser", "dvc.data_cloud", "dvc.cachemgr", "dvc_data.fs", "dvc.fs.dvc"),
    *("dvc_data.hashfile.db.local", "dvc_data.index.checkout", "dvc_data.index.push", "scmrepo.git.backend.pygit2"),
)


def share_servers() -> None:
    """Start those of stages and of dvc commands, for this process and those that it starts."""
    for libraries in (stage_server.LIBRARIES, DVC):
        server(*libraries)
    os.environ[SHARED_SERVERS] = FOLDER.name


@functools.cache
def server(*libraries: str) -> str:
    """The address of a process that forks itself, with these libraries loaded, for all clones.

    It serves stages, or dvc commands. Returns nothing where there can be none.
    """
    if not stage_server.possible():
        return ""
    if folder := os.environ.get(SHARED_SERVERS):
        return f"{folder}/{libraries[0]}"
    address = Path(FOLDER.name) / libraries[0]
    code = (
        "import os, sys, pathlib; from medtransfer.process import stage_server; sys.dont_write_bytecode = False; "
        "stage_server.serve(pathlib.Path(sys.argv[1]), sys.argv[2:], parent=os.getppid())"
    )
    environment = os.environ | PLACES | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", code, str(address), *libraries], env=environment)
    atexit.register(process.kill)
    return str(address)


def ready_server(*libraries: str) -> str:
    """The same, once it has loaded them."""
    address = server(*libraries)
    if address:
        with socket.socket(socket.AF_UNIX) as connection:
            _connect(connection, address)
    return address


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


@contextlib.contextmanager
def request_process(address: str, request: Mapping[str, Any], files: Sequence[int]) -> Iterator[BinaryIO]:
    """Ask a server for a process with these three standard files; it is killed at the end of the context.

    Yields what the server says: that it has taken the request, and at the process's end its exit status.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        _connect(connection, address)
        socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], files)
        with connection.makefile("rb") as answers:
            yield answers


def _connect(connection: socket.socket, address: str) -> None:
    """When the server has started, which takes it some seconds."""
    for _ in range(600):
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return connection.connect(address)
        time.sleep(0.05)
    raise TimeoutError(address)


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
