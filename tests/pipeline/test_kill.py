"""What a killed `dvc repro` leaves half written, and how `make reproduce` removes it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.project_clone import Clone, stages_run

pytestmark = pytest.mark.pipeline

PIPELINE = "stages:\n  copy:\n    cmd: cp a b\n    deps: [a]\n    outs: [b]\n"


def healing() -> str:
    """The commands of `make reproduce` that remove what is half written."""
    commands = re.findall(r"^\t@((?:find|if \[ -f dvc.lock) .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert len(commands) == 2
    return "\n".join(commands).replace("$$", "$")


@pytest.fixture
def made(tmp_path: Path) -> Clone:
    """A project of one stage, which has run."""
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "a").write_text("a")
    made = Clone(tmp_path)
    made.run("git", "init", "--quiet")
    made.dvc("init", "--quiet")
    made.dvc("repro")
    return made


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_lock_that_is_cut_is_removed_and_results_come_from_the_cache(made: Clone, share: float) -> None:
    """DVC empties the file before it writes it."""
    lock = made.path / "dvc.lock"
    text = lock.read_text()
    lock.write_text(text[: int(share * len(text))])
    if share == 0:
        assert "validation failed" in made.dvc("repro", check=False), (
            "DVC repairs this itself now: remove the command from the Makefile"
        )
    subprocess.run(healing(), shell=True, cwd=made.path, check=True)
    assert lock.is_file() == (share == 1)
    assert not stages_run(made.dvc("repro"))
    assert lock.read_text() == text


@pytest.mark.parametrize("left", ["nothing", "half a file"])
def test_killed_run_cache_is_healed(made: Clone, left: str) -> None:
    """DVC makes the folder of an entry before the entry: killed between, it fails on the empty folder ever after."""
    tmp_path = made.path
    (entry,) = (path for path in (tmp_path / ".dvc/cache/runs").glob("*/*/*"))
    text = entry.read_text()
    entry.unlink()
    if left == "half a file":
        (entry.parent / ".abc.tmp").write_text(text[: len(text) // 2])
    for path in ("dvc.lock", "b"):
        (tmp_path / path).unlink()
    if left == "nothing":
        assert "join() argument" in made.dvc("repro", check=False), (
            "DVC repairs this itself now: remove the command from the Makefile"
        )
    subprocess.run(healing(), shell=True, cwd=tmp_path, check=True)
    assert not list((tmp_path / ".dvc/cache/runs").glob("*/*"))
    made.dvc("repro")
    assert (tmp_path / "b").read_text() == "a"
