"""A temporary clone of the project as it stands, in which real git and real DVC work."""

import os
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
        """A command in the clone, its output caught as text; where it should work and fails, the output is shown.

        The server of DVC's commands, where there is one, runs these and modules (`python -m`): none imports DVC.
        """
        with tempfile.TemporaryFile("w+") as output:
            match command:
                case ["dvc", *arguments]:
                    status = self._forked("dvc", arguments, output)
                case ["python", "-m", module, *arguments]:
                    status = self._forked(module, arguments, output)
                case _:
                    status = None
            if status is None:
                status = subprocess.run(
                    command, cwd=self.path, env=self.environment, stdout=output, stderr=subprocess.STDOUT
                ).returncode
            output.seek(0)
            done = subprocess.CompletedProcess(command, status, output.read())
        assert not check or done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-6000:]}"
        return done

    def _forked(self, module: str, arguments: Sequence[str], output: TextIO) -> int | None:
        """The exit status of a module; None where no server can fork its process."""
        if not (address := server(*DVC)):
            return None
        request = {"module": module, "arguments": arguments, "folder": str(self.path), "environment": self.environment}
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
