"""A data set that is on this machine already: a folder or a zip, brought into the form of a download."""

import errno
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from medtransfer.settings.errors import DAMAGE, UserError

FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
BLOCK = 1 << 20
SIGNATURE = b"PK"  # that a zip begins with


def pack(source: Path, destination: Path) -> None:
    """Write a folder's files, or a zip's, to one zip; zips inside it, as figshare has them, are unpacked too.

    Links to folders are followed. Equal files give an equal archive. Raises UserError where there is nothing to pack,
    a link leads nowhere, or a zip is damaged.
    """
    source = source.expanduser()
    if not source.exists():
        raise UserError(
            f"there is nothing at {source}: put the data set there (a folder, or a zip), or name its place under "
            "source.path in catalog/datasets.yaml"
        )
    _write(_files(source), destination, str(source))


def pack_members(archives: Mapping[str, Path], destination: Path) -> None:
    """Write the files of several archives to one zip, each archive's in a folder of its name; raises as `pack` does."""
    for name, archive in archives.items():
        if not zipfile.is_zipfile(archive):
            raise UserError(f"{archive}, the archive of {name}, is no zip; fetch it again")
    files = (file for name, archive in archives.items() for file in _opened(archive, f"{name}/"))
    _write(files, destination, f"the archives of {', '.join(archives)}")


def _write(files: Iterable[tuple[str, IO[bytes]]], destination: Path, source: str) -> None:
    """One zip of the files; UserError names the source."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    draft = destination.with_suffix(".draft")
    name = ""
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED, allowZip64=True) as target:
            for name, stream in files:
                entry = zipfile.ZipInfo(name, FIRST_ZIP_DATE)
                with target.open(entry, "w", force_zip64=True) as out:
                    while block := stream.read(BLOCK):
                        out.write(block)
            if not target.namelist():
                raise UserError(f"{source} holds no file")
        draft.replace(destination)
    except UnicodeError:
        raise UserError(f"{source}: the name of a file after {name or 'the first'} is no UTF-8; rename it") from None
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # a failure of the disk, not a damaged zip
        raise UserError(f"{source}: a zip in it, at or after {name}, is damaged ({error}); fetch it again") from None
    finally:
        draft.unlink(missing_ok=True)


def _files(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Every file, sorted by its path, open until the next one is requested."""
    if source.is_dir():
        for path in sorted(_walk(source, frozenset()), key=Path.as_posix):
            with path.open("rb") as stream:
                yield from _opened_up(path.relative_to(source).as_posix(), stream)
    else:
        with source.open("rb") as stream:
            if not zipfile.is_zipfile(stream):
                raise UserError(f"{source} is neither a folder nor a zip archive")
            yield from _members(stream, "")


def _opened(archive: Path, folder: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Every file of a zip, by its path in `folder`."""
    with archive.open("rb") as stream:
        yield from _members(stream, folder)


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """The files in a folder and below it; a link back to a folder above is not followed."""
    here = folder.resolve()
    if here in above:
        return
    for path in folder.iterdir():
        if path.is_dir():
            yield from _walk(path, above | {here})
        elif path.is_symlink() and not path.exists():
            raise UserError(f"{path} is a link to nothing: correct or remove it")
        elif path.is_file():
            yield path


def _opened_up(name: str, stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    if not name.lower().endswith(".zip"):
        yield name, stream
        return
    with tempfile.TemporaryFile() as spool:  # going back and forth in a packed stream unpacks it again each time
        shutil.copyfileobj(stream, spool, BLOCK)
        spool.seek(0)
        if spool.read(len(SIGNATURE)) == SIGNATURE:
            yield from _members(spool, name[: -len(".zip")] + "/")
        else:  # a file that an operating system leaves behind can have this name
            spool.seek(0)
            yield name, spool


def _members(stream: IO[bytes], folder: str) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(stream) as archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.filename.endswith("/"):
                with archive.open(entry) as opened:
                    yield from _opened_up(folder + entry.filename, opened)
