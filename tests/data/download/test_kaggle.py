"""The real client against the stand-in for Kaggle: what arrives, and what each failure says."""

import hashlib
import os
import random
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from medtransfer.data.download import kaggle as module
from medtransfer.data.download.kaggle import download, sha256_of, verify
from medtransfer.settings.errors import UserError
from tests.kaggle_stand_in import CLIENT, port_80, stand_in

pytestmark = pytest.mark.long

SLUG = "someone/some-scans"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 4 MB: the client keeps what comes in steps of 1 MiB."""
    archive = tmp_path_factory.mktemp("served") / f"{SLUG}.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("yes/Y1.jpg", random.Random(0).randbytes(4_000_000))
    return archive


@pytest.fixture(autouse=True)
def _client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A client without the credentials of whoever runs the tests."""
    for key in [key for key in os.environ if key.startswith("KAGGLE_")]:
        monkeypatch.delenv(key)
    for key, value in {**CLIENT, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(key, value)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """The destination and the folder for parts."""
    return tmp_path / "raw/D.zip", tmp_path / "partial"


def refusal(destination: Path, partial: Path, sha256: str | None = None) -> str:
    """The one line that a download is refused with, after which nothing is at its destination."""
    with pytest.raises(UserError) as caught:
        download(SLUG, destination, partial=partial, sha256=sha256)
    assert not list(destination.parent.glob("*"))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def saying(monkeypatch: pytest.MonkeyPatch, words: str, code: int = 1) -> None:
    """A client that says this and ends."""
    monkeypatch.setattr(module, "LAUNCHER", f"print({words!r}); raise SystemExit({code})")


@pytest.mark.parametrize("token", [None, "stand-in"])
def test_the_archive_comes_whole_with_and_without_a_token(
    served: Path,
    place: tuple[Path, Path],
    token: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if token:
        monkeypatch.setenv("KAGGLE_API_TOKEN", token)
    pin = hashlib.sha256(served.read_bytes()).hexdigest()
    flags = ["--private"] if token else []
    with stand_in("--root", str(served.parents[1]), *flags):
        fetched = download(SLUG, place[0], partial=place[1], version=3, sha256=pin)
    assert fetched == module.Archive(pin, served.stat().st_size, "unknown")
    assert sha256_of(place[0]) == pin
    assert not list(place[1].iterdir())
    shown = capsys.readouterr().err
    assert "100%|" in shown
    assert "Authentication" not in shown


def test_the_version_is_requested_and_a_missing_licence_is_none(
    served: Path, place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = (
        "import shutil, sys; print('License(s): Error retrieving license. Please visit'); "
        f"assert sys.argv[3] == '{SLUG}/7'; shutil.copy({str(served)!r}, sys.argv[5])"
    )
    monkeypatch.setattr(module, "LAUNCHER", client)
    assert download(SLUG, place[0], partial=place[1], version=7).licence is None


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--status", "401"], r"\(401\).*KAGGLE_API_TOKEN or ~/.kaggle/access_token"),
        (["--private"], r"\(401\)"),
        (["--status", "403"], rf"\(403\): open https://www.kaggle.com/datasets/{SLUG}, accept"),
        (["--status", "404"], r"\(404\): compare catalog/datasets.yaml"),
        (["--status", "429"], r"\(429\): wait"),
        (["--status", "503"], r"HTTP 503.* later"),
        (["--status", "418"], r"last words were: HTTP 418: stand-in fault"),
    ],
)
def test_a_refusal_is_one_sentence(served: Path, place: tuple[Path, Path], flags: list[str], sentence: str) -> None:
    with stand_in("--root", str(served.parents[1]), *flags):
        assert re.search(sentence, refusal(*place))


def test_an_unknown_name_is_a_404(served: Path, place: tuple[Path, Path]) -> None:
    with stand_in("--root", str(served.parents[1])), pytest.raises(UserError, match="no data set a/b"):
        download("a/b", place[0], partial=place[1])


def test_a_name_of_another_form_is_refused_before_any_request(place: tuple[Path, Path]) -> None:
    with pytest.raises(UserError, match="owner/name"):
        download("../b", place[0], partial=place[1])


@pytest.mark.parametrize("token", ["", "stand-in"])
def test_an_unreachable_server_is_a_sentence(
    place: tuple[Path, Path], token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", token)  # with one, the client ends in a stack trace
    with port_80():
        assert "cannot be reached" in refusal(*place)


def test_a_host_that_has_no_address_is_a_sentence(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "PROD")
    monkeypatch.setenv("HTTPS_PROXY", "http://no-such-host.invalid:1")
    sentence = refusal(*place)
    assert "cannot be reached" in sentence
    assert "by hand, and name the file in catalog/datasets.yaml, as docs/data.md shows" in sentence


def test_a_cut_download_resumes_by_itself(served: Path, place: tuple[Path, Path], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with stand_in("--root", str(served.parents[1]), "--cut-once", "2500000", log=log):
        download(SLUG, place[0], partial=place[1])
    assert '" 206 ' in log.read_text()
    assert place[0].read_bytes() == served.read_bytes()


def test_the_next_call_resumes_a_cut_download(
    served: Path, place: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRIES", 2)
    log, root = tmp_path / "log", str(served.parents[1])
    with stand_in("--root", root, "--cut", "1500000"):
        assert "was cut" in (sentence := refusal(*place))
    assert "resumes at 2.1 MB" in sentence  # two tries of 1 MiB each
    with stand_in("--root", root, log=log):
        download(SLUG, place[0], partial=place[1])
    assert '" 206 ' in log.read_text()
    assert place[0].read_bytes() == served.read_bytes()


def test_a_silent_server_is_a_cut_connection(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAUNCHER", "import time; time.sleep(60)")
    monkeypatch.setattr(module, "SILENCE_S", 0.2)
    assert "was cut" in refusal(*place)


def test_a_damaged_archive_is_refused_and_the_next_call_starts_afresh(served: Path, place: tuple[Path, Path]) -> None:
    root, pin = str(served.parents[1]), sha256_of(served)
    with stand_in("--root", root, "--corrupt"):
        assert "is damaged (in yes/Y1.jpg)" in refusal(*place)
        sentence = refusal(*place, sha256=pin)
    assert f"where the catalogue pins {pin}" in sentence
    assert len(sentence.split("SHA-256 ")[1].split()[0]) == 64
    with stand_in("--root", root):
        assert download(SLUG, place[0], partial=place[1], sha256=pin).sha256 == pin


def test_what_is_no_zip_is_refused(tmp_path: Path, place: tuple[Path, Path]) -> None:
    page = tmp_path / f"served/{SLUG}.zip"
    page.parent.mkdir(parents=True)
    page.write_text("<html>")
    with stand_in("--root", str(tmp_path / "served")):
        assert "not a readable zip" in refusal(*place)


@pytest.mark.parametrize("full", ["parts", "destination"])
def test_a_full_disk(served: Path, tmp_path: Path, place: tuple[Path, Path], full: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk to fill can be mounted by root alone")
    destination, partial = (place[0], disk) if full == "parts" else (disk / "raw/D.zip", place[1])
    try:
        with stand_in("--root", str(served.parents[1])):
            sentence = refusal(destination, partial)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert "bytes are free in" in sentence
    assert str(disk) in sentence


def test_a_download_reaches_another_disk(served: Path, place: tuple[Path, Path]) -> None:
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == place[0].parents[1].stat().st_dev:
        pytest.skip("this machine has no second disk at /dev/shm")
    parts = elsewhere / f"medtransfer-{os.getpid()}"
    with stand_in("--root", str(served.parents[1])):
        download(SLUG, place[0], partial=parts)
    parts.rmdir()
    assert [path.name for path in place[0].parent.iterdir()] == ["D.zip"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ModuleNotFoundError: No module named 'kaggle'", "cannot start (No module named 'kaggle')"),
        ("Traceback\nrequests.exceptions.HTTPError: HTTP 401: Unauthenticated", "(401)"),
        ("HTTP 403: Permission 'datasets.get' was denied", "(403)"),
        ("Connection error: [Errno 13] Permission denied: 'x'", "check who may write"),
        ("HTTP 502: Bad Gateway", "HTTP 502"),
        ("something new https://store/x.zip?signature=secret", "https://store/x.zip?..."),
        ("", "last words were: nothing"),
    ],
)
def test_the_last_words_of_the_client_become_a_sentence(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, words: str, sentence: str
) -> None:
    saying(monkeypatch, words)
    assert sentence in refusal(*place)


def test_a_client_that_succeeds_without_a_file_is_refused(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    saying(monkeypatch, "User cancelled operation", code=0)
    assert "User cancelled operation" in refusal(*place)


def test_a_damaged_part_is_not_resumed_from(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    part = place[1] / "someone--some-scans/some-scans.zip"
    part.parent.mkdir(parents=True)
    part.write_text("<Error>")
    saying(monkeypatch, "Downloaded file size (7) does not match expected size (9)")
    assert "does not match" in refusal(*place)
    assert not part.exists()


def test_archive_that_changed_since_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "br35h.zip"
    archive.write_bytes(b"as fetched")
    noted = sha256_of(archive)
    verify(archive, noted)
    archive.write_bytes(b"damaged")
    with pytest.raises(UserError, match=rf"br35h\.zip has changed .*{noted}.*--single-item download@br35h"):
        verify(archive, noted)
