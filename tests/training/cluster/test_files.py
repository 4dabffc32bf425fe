"""Files reach a worker and come back whole, or not at all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.settings.errors import UserError
from medtransfer.training.cluster import files
from medtransfer.training.cluster.files import facts_of, fetch, missing, send


def direct(function: Any, *arguments: Any) -> Any:  # noqa: ANN401
    """A worker that is this process."""
    return function(*arguments)


def damaging(function: Any, *arguments: Any) -> Any:  # noqa: ANN401
    """One that receives and gives other bytes."""
    if function is files.write_part:
        path, start, part = arguments
        return function(path, start, bytes(len(part)))
    result = function(*arguments)
    return bytes(len(result)) if function is files.read_part else result


@given(contents=st.lists(st.binary(max_size=40), min_size=1, max_size=4), part=st.integers(1, 16))
def test_files_are_sent_once_and_fetched_whole_in_parts_of_any_size(
    contents: list[bytes], part: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PART", part)
        patch.chdir(here)
        of = {}
        for number, content in enumerate(contents):
            path = Path(f"file {number}")
            path.write_bytes(content)
            of[facts_of(path, f"deep/{number}")] = path
        assert send(direct, there, of) == sum(map(len, contents))
        assert [(there / file.path).read_bytes() for file in of] == contents
        assert send(direct, there, of) == 0
        fetch(direct, there, of)
        assert [Path(file.path).read_bytes() for file in of] == contents
        assert not list(there.rglob("*.*"))


def test_another_content_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_bytes(b"old")
    send(direct, tmp_path / "there", {facts_of(Path("a")): Path("a")})
    Path("a").write_bytes(b"new")
    new = facts_of(Path("a"))
    assert missing(tmp_path / "there", [new]) == [new]
    assert send(direct, tmp_path / "there", {new: Path("a")}) == 3
    assert (tmp_path / "there/a").read_bytes() == b"new"


@pytest.mark.parametrize("way", ["there", "back"])
def test_damaged_file_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_bytes(b"content")
    file = facts_of(Path("a"), "b")
    there = tmp_path / "there"
    if way == "back":
        send(direct, there, {file: Path("a")})
    arguments = (there, {file: Path("a")}) if way == "there" else (there, [file])
    with pytest.raises(UserError, match="b has arrived damaged"):
        (send if way == "there" else fetch)(damaging, *arguments)
    assert not Path("b").exists()
    assert [path.name for path in there.rglob("*")] == (["b"] if way == "back" else [])
