"""A stage that the server runs is as one that runs by itself: arguments, folder, output, exit status, and its end."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medtransfer.process import stage_server
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server forks, which it does on Linux alone")

STAGES = {
    "__init__": "import medtransfer\n",
    "show": "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.getcwd(), os.environ['SHOWN'], os.getppid()]))\n",
    "compile": "import sys\nprint(sys.dont_write_bytecode)\n",
    "refuse": "import sys\nsys.exit('error: a sentence')\n",
    "three": "import sys\nsys.exit(3)\n",
    "fail": "raise ValueError('a bug')\n",
    "last": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    "wait": "import os, time, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Its process and address. It loads no library, to be quick."""
    address = tmp_path_factory.mktemp("server") / "socket"
    code = (
        "import sys, pathlib; from medtransfer.process import stage_server as s; s.serve(pathlib.Path(sys.argv[1]), [])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", code, str(address)], env=environment)
    deadline = time.monotonic() + 30
    while not address.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    yield process.pid, str(address)
    process.kill()
    process.wait()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stages").mkdir()
    for name, text in STAGES.items():
        (tmp_path / f"stages/{name}.py").write_text(text)
    (tmp_path / "src").symlink_to(ROOT / "src")
    return tmp_path


def command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"stages.{name}", *arguments]


def environment(address: str, **changes: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": "src", "SHOWN": "a value", stage_server.ADDRESS: address} | changes


def ran(project: Path, address: str, name: str, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(name, *arguments), cwd=project, env=environment(address, **changes), capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_stage_has_its_arguments_folder_and_environment_in_a_child_of_the_server(
    server: tuple[int, str], project: Path
) -> None:
    shown = json.loads(ran(project, server[1], "show", "one", "two words").stdout)
    assert shown == [["one", "two words"], str(project), "a value", server[0]]


@pytest.mark.parametrize("written", [True, False])
def test_stage_writes_compiled_files_where_it_would_by_itself(
    server: tuple[int, str], project: Path, written: bool
) -> None:
    for address in (server[1], ""):
        done = ran(project, address, "compile", PYTHONDONTWRITEBYTECODE="" if written else "1")
        assert done.stdout == f"{not written}\n"


@pytest.mark.parametrize("name", ["refuse", "three", "fail"])
def test_stage_ends_as_it_does_by_itself(server: tuple[int, str], project: Path, name: str) -> None:
    served, alone = ran(project, server[1], name), ran(project, "", name)
    assert served.returncode == alone.returncode != 0
    assert served.stderr.splitlines()[-1:] == alone.stderr.splitlines()[-1:]


def test_stage_that_is_killed_is_said_to_be(server: tuple[int, str], project: Path) -> None:
    done = ran(project, server[1], "last")
    assert done.returncode == 1
    assert "error: the process of stages.last was killed" in done.stderr


def test_stage_ends_where_the_process_that_waits_for_it_is_killed(server: tuple[int, str], project: Path) -> None:
    waiting = subprocess.Popen(command("wait"), cwd=project, env=environment(server[1]))
    deadline = time.monotonic() + 30
    while not (project / "pid").exists() or not (project / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    stage = int((project / "pid").read_text())
    assert stage != waiting.pid
    waiting.kill()
    waiting.wait()
    while Path(f"/proc/{stage}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{stage}").exists()


@pytest.mark.parametrize("without", ["", "/no/such/socket"])
def test_stage_runs_by_itself_without_a_server(project: Path, without: str) -> None:
    shown = json.loads(ran(project, without, "show").stdout)
    assert shown[-1] == os.getpid()


def test_stage_runs_by_itself_where_libraries_would_be_loaded_otherwise(server: tuple[int, str], project: Path) -> None:
    shown = json.loads(ran(project, server[1], "show", KERAS_BACKEND="jax").stdout)
    assert shown[-1] == os.getpid()


def test_command_has_its_exit_status_and_leaves_no_server(tmp_path: Path) -> None:
    code = "import os, pathlib; pathlib.Path('address').write_text(os.environ.get('MEDTRANSFER_STAGE_SERVER', ''))"
    done = subprocess.run(
        [sys.executable, "-m", stage_server.__name__, sys.executable, "-c", f"{code}; raise SystemExit(7)"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, check=False,
    )  # fmt: skip
    assert done.returncode == 7
    address = (tmp_path / "address").read_text()
    assert bool(address) == stage_server.possible()
    assert not address or not Path(address).parent.exists()
