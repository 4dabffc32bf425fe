"""A folder, a zip, or zips within either become one archive, equal for equal files; all else is refused."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtransfer.data.download.local import pack
from medtransfer.settings.errors import UserError
from tests.data.archives import write_zip, zipped

FILES = {"no/a.png": b"a" * 100, "no/deeper/b.png": b"b", "yes/c.png": b"c" * 3_000_000, "readme.txt": b""}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def unpacked(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def refusal(source: Path, place: Path) -> str:
    """The sentence of a refusal, after which nothing is at the destination, nor beside it."""
    with pytest.raises(UserError) as caught:
        pack(source, place / "raw/set.zip")
    assert not list(place.glob("raw/*"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_becomes_a_zip_of_all_its_files(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", FILES)
    (folder / "empty").mkdir()
    pack(folder, tmp_path / "raw/set.zip")
    assert unpacked(tmp_path / "raw/set.zip") == FILES
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["set.zip"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_becomes_a_zip_of_the_same_files(tmp_path: Path, compression: int) -> None:
    (tmp_path / "set.zip").write_bytes(zipped({"folder/": b""} | FILES, compression))
    pack(tmp_path / "set.zip", tmp_path / "raw.zip")
    assert unpacked(tmp_path / "raw.zip") == FILES


def test_a_zip_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "1512427").write_bytes(zipped(FILES))
    pack(tmp_path / "1512427", tmp_path / "raw.zip")
    assert unpacked(tmp_path / "raw.zip") == FILES


def test_zips_in_a_folder_are_opened_up(tmp_path: Path) -> None:
    parts = {"part_1-2.zip": zipped({"1.mat": b"1", "2.mat": b"2"}), "more/part_3.ZIP": zipped({"x/3.mat": b"3"})}
    pack(write_folder(tmp_path / "set", {"cvind.mat": b"0"} | parts), tmp_path / "raw.zip")
    assert unpacked(tmp_path / "raw.zip") == {
        "cvind.mat": b"0",
        "part_1-2/1.mat": b"1",
        "part_1-2/2.mat": b"2",
        "more/part_3/x/3.mat": b"3",
    }


def test_zips_in_a_zip_in_a_zip_are_opened_up(tmp_path: Path) -> None:
    inner = zipped({"3.mat": b"3"})
    (tmp_path / "set.zip").write_bytes(
        zipped({"a/outer.zip": zipped({"inner.zip": inner, "2.mat": b"2"}), "1.mat": b"1"})
    )
    pack(tmp_path / "set.zip", tmp_path / "raw.zip")
    assert unpacked(tmp_path / "raw.zip") == {"1.mat": b"1", "a/outer/2.mat": b"2", "a/outer/inner/3.mat": b"3"}


def test_equal_files_are_an_equal_archive(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "first", FILES)
    second = write_folder(tmp_path / "second", dict(reversed(FILES.items())))
    os.utime(second / "no/a.png", (0, 0))
    (second / "yes/c.png").chmod(0o600)
    (tmp_path / "third.zip").write_bytes(zipped(FILES))
    (tmp_path / "fourth.zip").write_bytes(zipped(dict(reversed(FILES.items())), zipfile.ZIP_DEFLATED))
    archives = set()
    for source in (first, second, tmp_path / "third.zip", tmp_path / "fourth.zip"):
        pack(source, tmp_path / "raw.zip")
        archives.add((tmp_path / "raw.zip").read_bytes())
    assert len(archives) == 1


@given(
    st.sets(st.text("a-.0 (", min_size=1, max_size=3), min_size=1, max_size=4),
    st.sets(st.text("a-.0 (", min_size=1, max_size=3)),
)
@settings(max_examples=30, deadline=None)
def test_a_folder_and_its_zip_are_an_equal_archive_whatever_the_names(
    tmp_path_factory: pytest.TempPathFactory, folders: set[str], names: set[str]
) -> None:
    place = tmp_path_factory.mktemp("set")
    files = {
        f"d{folder}/{name}": name.encode() for folder in folders for name in ["x", *(f"x{name}" for name in names)]
    }
    (place / "set.zip").write_bytes(zipped(files))
    pack(place / "set.zip", place / "one.zip")
    pack(write_folder(place / "set", files), place / "two.zip")
    assert (place / "one.zip").read_bytes() == (place / "two.zip").read_bytes()


def test_another_file_is_another_archive(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", FILES)
    pack(folder, tmp_path / "before.zip")
    (folder / "no/a.png").write_bytes(b"x" * 100)
    pack(folder, tmp_path / "after.zip")
    assert (tmp_path / "before.zip").read_bytes() != (tmp_path / "after.zip").read_bytes()


def test_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_folder(tmp_path / "data/set", FILES)
    pack(Path("~/data/set"), tmp_path / "raw.zip")
    assert unpacked(tmp_path / "raw.zip") == FILES


def test_a_source_that_is_missing_is_refused(tmp_path: Path) -> None:
    sentence = refusal(tmp_path / "nowhere", tmp_path)
    assert sentence.startswith(f"there is nothing at {tmp_path}/nowhere: put the data set there")
    assert "source.path in catalog/datasets.yaml" in sentence


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.rar").write_bytes(b"Rar!")
    assert refusal(tmp_path / "set.rar", tmp_path) == f"{tmp_path}/set.rar is neither a folder nor a zip archive"


@pytest.mark.parametrize("files", [{}, {"part.zip": zipped({})}, {"part.zip": zipped({"folder/": b""})}])
def test_a_source_without_files_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    assert refusal(write_folder(folder, files), tmp_path) == f"{folder} holds no file"


TEXT = b" ".join(b"%d" % number for number in range(3000))
DEFLATED = zipped({"a.txt": TEXT}, zipfile.ZIP_DEFLATED)


def mangled(content: bytes, place: int, noise: bytes) -> bytes:
    return content[:place] + noise + content[place + len(noise) :]


@pytest.mark.parametrize(
    "inner",
    [
        DEFLATED[:-200],
        mangled(DEFLATED, 60, bytes(8)),
        mangled(DEFLATED, 35, b"\xff" * 40),
        mangled(zipped({"a.txt": TEXT}), 60, b"xx"),
        mangled(zipped({"a.txt": TEXT}, zipfile.ZIP_LZMA), 60, b"\xff" * 9),
        mangled(zipped({"a.txt": TEXT}, zipfile.ZIP_BZIP2), 60, b"\xff" * 9),
    ],
    ids=["cut", "deflated", "deflated at its beginning", "stored", "lzma", "bzip2"],
)
def test_a_damaged_zip_inside_is_refused_with_the_place(tmp_path: Path, inner: bytes) -> None:
    folder = write_folder(tmp_path / "set", {"a.txt": b"a", "part.zip": inner})
    sentence = refusal(folder, tmp_path)
    assert sentence.startswith(f"{folder}: a zip in it, at or after ")
    assert ", is damaged (" in sentence
    assert sentence.endswith("); fetch it again")


def test_a_file_called_zip_that_is_none_is_packed_as_it_is(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", {"yes/a.txt": b"a", "._more.zip": b"\x00\x05\x16\x07", "empty.zip": b""})
    pack(folder, tmp_path / "raw.zip")
    with zipfile.ZipFile(tmp_path / "raw.zip") as packed:
        assert sorted(packed.namelist()) == ["._more.zip", "empty.zip", "yes/a.txt"]


def test_links_to_folders_are_followed_once_and_links_to_nothing_refused(tmp_path: Path) -> None:
    elsewhere = write_folder(tmp_path / "elsewhere", {"b.txt": b"b"})
    folder = write_folder(tmp_path / "set", {"yes/a.txt": b"a"})
    (folder / "no").symlink_to(elsewhere)
    (folder / "yes/around").symlink_to(folder)
    pack(folder, tmp_path / "raw.zip")
    with zipfile.ZipFile(tmp_path / "raw.zip") as packed:
        assert packed.namelist() == ["no/b.txt", "yes/a.txt"]
    (folder / "no/gone.txt").symlink_to(tmp_path / "nowhere")
    assert "gone.txt is a link to nothing" in refusal(folder, tmp_path)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
@settings(deadline=None)
def test_a_mangled_zip_is_packed_or_refused(tmp_path_factory: pytest.TempPathFactory, place: int, noise: bytes) -> None:
    tmp_path = tmp_path_factory.mktemp("set")
    content = zipped({"yes/a.txt": b"1 2 3 4 5 1 2 3 4 5", "no/b.txt": bytes(100)}, zipfile.ZIP_DEFLATED)
    (tmp_path / "set.zip").write_bytes(mangled(content, place % len(content), noise))
    try:
        pack(tmp_path / "set.zip", tmp_path / "raw.zip")
    except UserError:
        assert [path.name for path in tmp_path.iterdir()] == ["set.zip"]
    else:
        assert unpacked(tmp_path / "raw.zip")


def test_what_was_packed_before_stays_after_a_refusal(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "raw/set.zip", FILES)
    (tmp_path / "set").mkdir()
    with pytest.raises(UserError, match="holds no file"):
        pack(tmp_path / "set", archive)
    assert unpacked(archive) == FILES
