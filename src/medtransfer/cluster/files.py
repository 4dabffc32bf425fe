"""Files between the machine that a run belongs to and workers that do not see its disk: in parts, checked by hash.

All paths are relative to the project's folder, and on a worker to the folder that stands for it.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medtransfer.settings.errors import UserError
from medtransfer.store import digests

PART = 2**25  # bytes that are sent at a time: so much of a file is in the memory of either side, and of the scheduler

# Calls a function with arguments on one worker, and returns its result.
Call = Callable[..., Any]


@dataclass(frozen=True)
class FileFacts:
    """A file that is to be the same in two places."""

    path: str
    sha256: str
    size: int  # bytes


def facts_of(path: Path, name: str | None = None) -> FileFacts:
    """Of a file here, which has another name there where one is given."""
    return FileFacts(name or path.as_posix(), digests.of_file(path), path.stat().st_size)


def missing(files: Iterable[FileFacts]) -> list[FileFacts]:
    """On a worker: those that are not there, or have another content."""
    return [file for file in files if not _is_whole(Path(file.path), file)]


def write_part(name: str, start: int, part: bytes) -> None:
    """On either side: a part of a file that is being received."""
    draft = _draft(Path(name))
    draft.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.write(part)


def read_part(name: str, start: int) -> bytes:
    """On either side: a part of a file that is being sent."""
    with Path(name).open("rb") as file:
        file.seek(start)
        return file.read(PART)


def receive(file: FileFacts) -> None:
    """On either side: the parts are all there, and become the file. Raises UserError where its hash is another one."""
    draft = _draft(Path(file.path))
    if not _is_whole(draft, file):
        draft.unlink(missing_ok=True)
        raise UserError(
            f"{file.path} has arrived damaged (its SHA-256 is not {file.sha256}): run the same command again"
        )
    draft.replace(file.path)


def remove(names: Iterable[str]) -> None:
    """On a worker: what has been fetched from it."""
    for name in names:
        Path(name).unlink(missing_ok=True)


def send(call: Call, files: dict[FileFacts, Path]) -> int:
    """To a worker, those files that it lacks, from where they are here; returns the bytes sent."""
    wanted = call(missing, list(files))
    for file in wanted:
        for start in range(0, max(1, file.size), PART):
            call(write_part, file.path, start, read_part(str(files[file]), start))
        call(receive, file)
    return sum(file.size for file in wanted)


def fetch(call: Call, files: Iterable[FileFacts]) -> None:
    """From a worker, into the same places here, all or nothing; it keeps none of them."""
    files = list(files)
    for file in files:
        for start in range(0, max(1, file.size), PART):
            write_part(file.path, start, call(read_part, file.path, start))
    for file in files:
        receive(file)
    call(remove, [file.path for file in files])


def _is_whole(path: Path, file: FileFacts) -> bool:
    return path.is_file() and path.stat().st_size == file.size and digests.of_file(path) == file.sha256


def _draft(path: Path) -> Path:
    """Of this process: two workers may share a folder."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")
