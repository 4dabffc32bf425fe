"""Hashes are those of sha256sum, so a reader needs none of this code to check them."""

import subprocess
from pathlib import Path

import pytest

from medtransfer.store import digests


def shell(command: str) -> str:
    return subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout.split()[0]


def test_hashes_are_those_of_sha256sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("src/b/two.py", "src/a.py", "src/a/page.j2", "stages/check.py", "src/a/notes.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    assert digests.of_file(Path("src/a.py")) == shell("sha256sum src/a.py")
    listed = "find src stages -name '*.py' -o -name '*.j2' | LC_ALL=C sort"
    assert digests.of_files(digests.code_files()) == shell(f"{listed} | xargs sha256sum | sha256sum")
    before = digests.of_files(digests.code_files())
    Path("src/a.py").rename("src/c.py")
    assert digests.of_files(digests.code_files()) != before
