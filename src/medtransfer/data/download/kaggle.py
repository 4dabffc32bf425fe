"""One Kaggle data set as one verified zip, fetched by Kaggle's own command line.

The command line downloads public sets without a token (its Python class does not) and resumes a cut
download by range. What it prints is caught here, and every failure becomes one sentence.
"""

import hashlib
import os
import re
import select
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from medtransfer.settings.errors import UserError

# The client's own `main`, started so that it also prints HTTP status codes. `python -m kaggle`
# does not see at import time that it is the command line, and prints a screenful on credentials that a
# public set does not need. And a refusal shows the server's words alone, in which 403 and 404 read alike.
LAUNCHER = """
import sys
sys.argv[0] = "kaggle"
from requests import HTTPError
words = HTTPError.__str__
HTTPError.__str__ = lambda e: words(e) if e.response is None else f"HTTP {e.response.status_code}: {words(e)}"
from kaggle.cli import main
main()
"""
# The client tries six times and doubles its pause, which comes to 66 s; this stops it before its last
# pause of 32 s, after five tries in about as long.
TRIES = 5
SILENCE_S = 120.0  # the client itself waits without end for a server that accepts and then sends nothing
SILENT = "Connection error: nothing came from Kaggle"
HOPELESS = r"No space left|Disk quota|Permission denied|Read-only file system"
PROGRESS = re.compile(r"\d+%\|")
SHOWN = re.compile(r"\d+%\||^(Downloading|Resuming|Retry)")

# Patterns of the client's output, and the sentence for each. The first one that matches counts: the output of a cut
# download that then meets a full disk, or no network, matches several.
FAILURES = {
    r"No space left|Disk quota": "The disk is full: {free} bytes are free in {folder}, too few for {slug}; "
    "make room, then {again} and it resumes at {kept}.",
    r"\[Errno \d+\] (Permission denied|Read-only)[^\n]*": "A file of {slug} could not be written ({match}): "
    "check who may write to {folder}.",
    r"HTTP 401|Authentication required to call": "Kaggle did not accept the credentials for {slug} (401): a "
    "public data set needs none, so remove an old token, or give {token}.",
    r"HTTP 403": "Kaggle does not let you have {slug} (403): open {url}, accept its terms there and give "
    "{token}; if there is no such page, correct the slug in catalog/datasets.yaml.",
    r"HTTP 404": "Kaggle has no data set {slug} (404): compare catalog/datasets.yaml with {url}.",
    r"HTTP 429": "Kaggle holds back {slug} after too many requests (429): wait some minutes, then {again}.",
    r"HTTP 5\d\d": "Kaggle has a fault of its own ({match}) and did not send {slug}: {again} later.",
    r"Connection error: ": "The connection to Kaggle was cut while {slug} came in: {again} and it resumes at {kept}.",
    r"NameResolution|NewConnection|Timeout|Max retries|Proxy|Connection(Error|Reset| aborted)": "Kaggle "
    "cannot be reached for {slug}: check this machine's network and proxy, then {again}; or download {url} by hand, "
    "and name the file in catalog/datasets.yaml, as docs/data.md shows.",
    r"No module named [^\n]+": "The Kaggle client cannot start ({match}): install what requirements.lock "
    "names, then {again}.",
    r"": "The Kaggle client failed on {slug}; its last words were: {last}",
}
WORDS = {
    "again": "run the same command again",
    "token": "a token from https://www.kaggle.com/settings/api in KAGGLE_API_TOKEN or ~/.kaggle/access_token",
}


@dataclass(frozen=True)
class Archive:
    """A fetched archive."""

    sha256: str
    size: int  # bytes
    licence: str | None  # as Kaggle states it


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(path: Path, sha256: str) -> None:
    """Raise UserError where an archive is not the one that was noted: DVC itself trusts a damaged cache."""
    if (actual := sha256_of(path)) != sha256:
        raise UserError(
            f"{path} has changed since it was fetched (SHA-256 {actual}, noted {sha256}): remove it with "
            f"rm -f {path}, then fetch it again with dvc repro --force --single-item download@{path.stem}."
        )


def download(
    slug: str, destination: Path, *, partial: Path, version: int | None = None, sha256: str | None = None
) -> Archive:
    """Fetch `slug` ("owner/name") to `destination`, whole and verified, or raise a UserError.

    A cut download stays under `partial`, where the next call resumes it.
    """
    if not re.fullmatch(r"[\w-]+/[\w-]+", slug):
        raise UserError(f"{slug!r} is not a Kaggle data set: write owner/name in catalog/datasets.yaml.")
    reference = slug if version is None else f"{slug}/{version}"
    folder = place = partial / reference.replace("/", "--")
    archive = folder / f"{slug.split('/')[1]}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        output = _fetch(reference, archive)
        licence = re.search(r"^License\(s\): (?!Error retrieving)(.+)$", output, re.MULTILINE)
        fetched = Archive(_verified(archive, slug, sha256), archive.stat().st_size, licence and licence[1])
        place = destination.parent
        _publish(archive, destination)
    except OSError as error:
        raise _failure(slug, archive, place, str(error)) from None
    shutil.rmtree(folder, ignore_errors=True)
    return fetched


def _fetch(reference: str, archive: Path) -> str:
    """Run the client until `archive` is whole, and return its output, without the progress bar."""
    # -P: a folder named kaggle where the user happens to stand is not the client
    arguments = ["-P", "-c", LAUNCHER, "datasets", "download", reference, "-p", str(archive.parent)]
    # In its verbose mode the client prints its token, and reads the whole archive into memory.
    kept = {key: value for key, value in os.environ.items() if key not in ("VERBOSE", "VERBOSE_OUTPUT")}
    environment = kept | {"PYTHONUNBUFFERED": "1", "TQDM_MININTERVAL": "0.5"}
    output = ""
    command, out, err = [sys.executable, *arguments], subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, env=environment, stdout=out, stderr=err, bufsize=0) as client:
        assert client.stdout is not None
        for line in _lines(client.stdout):
            output += "" if PROGRESS.search(line) else line
            if re.search(rf"{HOPELESS}|{SILENT}|\(attempt {TRIES}/", line):
                client.terminate()
                break
            if SHOWN.search(line):
                print(line, end="", file=sys.stderr, flush=True)
    if client.returncode or not archive.is_file():
        raise _failure(reference, archive, archive.parent, output)
    return output


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines and the steps of the progress bar, as they come."""
    rest = b""
    while select.select([stream], [], [], SILENCE_S)[0]:
        came = os.read(stream.fileno(), 1 << 16)
        *lines, rest = re.split(rb"(?<=[\r\n])", rest + came)
        yield from (line.decode(errors="replace") for line in lines)
        if not came:
            yield rest.decode(errors="replace")
            return
    yield f"{SILENT} for {SILENCE_S:.0f} s"


def _failure(slug: str, archive: Path, folder: Path, output: str) -> UserError:
    """The table's sentence for the output of the client, or the words of an OSError."""
    if "does not match expected size" in output:
        # An answer that was no part of the archive was written into it, and is not to be resumed from.
        shutil.rmtree(archive.parent)
    match, sentence = next((hit[0], s) for row, s in FAILURES.items() if (hit := re.search(row, output)))
    lines = [line for line in output.splitlines() if line.strip()] or ["nothing"]
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    facts = WORDS | {
        "slug": slug,
        "url": f"https://www.kaggle.com/datasets/{'/'.join(slug.split('/')[:2])}",
        "folder": str(folder),
        "free": f"{shutil.disk_usage(there).free:,}",
        "kept": f"{archive.stat().st_size / 1e6 if archive.is_file() else 0:.1f} MB",
        "match": match,
        "last": re.sub(r"\?\S+", "?...", lines[-1].strip()),  # a storage address carries its signature
    }
    return UserError(sentence.format(**facts))


def _verified(archive: Path, slug: str, pin: str | None) -> str:
    """The SHA-256 of a sound archive; a damaged one is deleted, so that no call resumes it."""
    sha256, fault = sha256_of(archive), _fault(archive)
    if pin is not None and sha256 != pin.lower():
        fault = f"has the SHA-256 {sha256} where the catalogue pins {pin}"
    if fault is None:
        return sha256
    shutil.rmtree(archive.parent)
    raise UserError(
        f"The archive that came for {slug} {fault}, and was deleted: run the same command again, and if that "
        "does not help, check whether Kaggle has a new version (pin it in catalog/datasets.yaml)."
    )


def _fault(archive: Path) -> str | None:
    """What is wrong with a zip, its checksums included."""
    try:
        with zipfile.ZipFile(archive) as opened:
            broken = opened.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return f"is not a readable zip ({error})"
    return broken and f"is damaged (in {broken})"


def _publish(archive: Path, destination: Path) -> None:
    """Move the archive to its place in one step, from another disk too."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    beside = destination.with_name(f".{destination.name}.part")
    try:
        shutil.move(archive, beside)
        beside.replace(destination)
    finally:
        beside.unlink(missing_ok=True)
