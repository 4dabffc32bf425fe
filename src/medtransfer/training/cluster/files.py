"""Files between the machine that a run belongs to and workers that do not see its disk: in parts, checked by hash.

A file has one path in the project's folder, and in the folder that stands for it on a worker.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medtransfer.settings.errors import UserError
from medtransfer.store import digests

PART = 2**25  # bytes that are sent at a time: so much of a file is in the memory of either side, and of the scheduler

Call = Callable[..., Any]  # calls a function with arguments on one worker, and returns its result


@dataclass(frozen=True)
class FileFacts:
    """A file that is to be the same in two places."""

    path: str
    sha256: str
    size: int  # bytes


def facts_of(path: Path, name: str | None = None) -> FileFacts:
    """Of a file here, which has another name there where one is given."""
    return FileFacts(name or path.as_posix(), digests.of_file(path), path.stat().st_size)


def missing(folder: Path, files: Iterable[FileFacts]) -> list[FileFacts]:
    """Those that are not in a folder, or have another content there."""
    return [file for file in files if not _is_whole(folder / file.path, file)]


def send(call: Call, folder: Path, files: Mapping[FileFacts, Path]) -> int:
    """To a folder of a worker, those files that it lacks, from where they are here; returns the bytes sent."""
    wanted: list[FileFacts] = call(missing, folder, list(files))
    for file in wanted:
        for start in range(0, max(1, file.size), PART):
            call(write_part, folder / file.path, start, read_part(files[file], start))
        call(receive, folder, file)
    return sum(file.size for file in wanted)


def fetch(call: Call, folder: Path, files: Iterable[FileFacts]) -> None:
    """From a folder of a worker, into the same places here; the worker keeps none of them."""
    here, files = Path(), list(files)
    for file in files:
        for start in range(0, max(1, file.size), PART):
            write_part(here / file.path, start, call(read_part, folder / file.path, start))
        receive(here, file)
    call(remove, [folder / file.path for file in files])


def read_part(path: Path, start: int) -> bytes:
    """A part of a file that is being sent."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(PART)


def write_part(path: Path, start: int, part: bytes) -> None:
    """A part of a file that is being received."""
    draft = _draft(path)
    draft.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.write(part)


def receive(folder: Path, file: FileFacts) -> None:
    """All parts are there, and become the file. Raises UserError where its hash is another one."""
    draft = _draft(folder / file.path)
    if not _is_whole(draft, file):
        draft.unlink(missing_ok=True)
        raise UserError(
            f"{file.path} has arrived damaged, its SHA-256 is not {file.sha256}: run the same command again"
        )
    draft.replace(folder / file.path)


def remove(paths: Iterable[Path]) -> None:
    """Files that are not needed any more."""
    for path in paths:
        path.unlink(missing_ok=True)


def _is_whole(path: Path, file: FileFacts) -> bool:
    return path.is_file() and path.stat().st_size == file.size and digests.of_file(path) == file.sha256


def _draft(path: Path) -> Path:
    """Of this process: two workers may share a folder."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")
