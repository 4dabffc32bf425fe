"""What a killed `dvc repro` leaves in DVC's run cache, and how `make reproduce` removes it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.project_clone import Clone

pytestmark = pytest.mark.pipeline

PIPELINE = "stages:\n  copy:\n    cmd: cp a b\n    deps: [a]\n    outs: [b]\n"


def healing() -> str:
    """The command of `make reproduce` that cleans the run cache."""
    match = re.search(r"^\t@(find .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert match
    return match[1].replace("$$", "$")


@pytest.mark.parametrize("left", ["nothing", "half a file"])
def test_killed_run_cache_is_healed(tmp_path: Path, left: str) -> None:
    """DVC makes the folder of an entry before the entry: killed between, it fails on the empty folder ever after."""
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "a").write_text("a")
    made = Clone(tmp_path)
    made.run("git", "init", "--quiet")
    made.dvc("init", "--quiet")
    made.dvc("repro")
    (entry,) = (path for path in (tmp_path / ".dvc/cache/runs").glob("*/*/*"))
    text = entry.read_text()
    entry.unlink()
    if left == "half a file":
        (entry.parent / ".abc.tmp").write_text(text[: len(text) // 2])
    for path in ("dvc.lock", "b"):
        (tmp_path / path).unlink()
    if left == "nothing":
        assert "join() argument" in made.dvc("repro", check=False), "DVC has mended this: the healing can go"
    subprocess.run(healing(), shell=True, cwd=tmp_path, check=True)
    assert not list((tmp_path / ".dvc/cache/runs").glob("*/*"))
    made.dvc("repro")
    assert (tmp_path / "b").read_text() == "a"
