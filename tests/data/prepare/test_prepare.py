"""From an archive to arrays: right pixels, every file listed, no crash, and no file left after a refusal."""

import json
import shutil
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.data.prepare import members, stack
from medtransfer.data.prepare.decode import decode
from medtransfer.data.prepare.prepare import INDEX, Prepared, prepare
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from tests.data.archives import encode, entry, matlab_entry, picture, write_mat, write_zip, zipped

GOOD = {f"{folder}/{number}.png": encode(picture(number)) for folder in ("no", "yes") for number in range(3)}


def prepare_into(folder: Path, archive: Path, dataset: Dataset, max_rejected: float) -> Prepared:
    return prepare(archive, dataset, max_rejected, folder / "images.npy", folder / "thumbnails.npy")


def prepared_from(
    place: Path, files: dict[str, bytes], dataset: Dataset | None = None, max_rejected: float = 0
) -> tuple[Prepared, NDArray[np.uint8]]:
    prepared = prepare_into(place / "out", write_zip(place / "a.zip", files), dataset or entry(), max_rejected)
    assert sorted(path.name for path in (place / "out").iterdir()) == ["images.npy", "thumbnails.npy"]
    images = np.load(place / "out/images.npy")
    assert images.dtype == np.uint8
    assert len(images) == len(prepared.index)
    return prepared, images


def refusal(archive: Path, dataset: Dataset | None = None, max_rejected: float = 0) -> str:
    """The sentence that an archive is refused with, after which nothing is left behind."""
    out = archive.parent / "out"
    with pytest.raises(UserError) as caught:
        prepare_into(out, archive, dataset or entry(), max_rejected)
    assert not list(out.glob("*"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def reasons(prepared: Prepared) -> dict[str, str]:
    return dict(zip(prepared.rejected["id"], prepared.rejected["reason"], strict=True))


def test_the_index_says_what_is_known_of_every_image(tmp_path: Path) -> None:
    prepared, _ = prepared_from(
        tmp_path,
        {"no/p1_a.png": encode(picture(0, 20)[:12]), "yes/p2_b.png": encode(picture(1))},
        entry(patient=r"(p\d)_"),
    )
    assert list(prepared.index.columns) == ["id", "label", "patient", "shipped", *INDEX]
    row, image = prepared.index.iloc[0], decode(encode(picture(0, 20)[:12]), 16)
    assert row[["id", "label", "patient", "shipped"]].tolist() == ["no/p1_a.png", "healthy", "p1", ""]
    assert row[[*INDEX]].tolist() == [getattr(image, name) for name in INDEX]
    assert (row["width"], row["height"], row["mode"], row["format"]) == (20, 12, "L", "PNG")


def test_the_format_is_that_of_the_content_whatever_the_name(tmp_path: Path) -> None:
    pixels = picture(0, 20)
    prepared, _ = prepared_from(tmp_path, {"yes/a.jpg": encode(pixels, "PNG"), "no/b.png": encode(pixels, "JPEG")})
    assert prepared.index["format"].tolist() == ["JPEG", "PNG"]


@pytest.mark.parametrize("chunk", [256, 1, 3])
def test_array_follows_the_index_and_has_one_channel_where_all_is_grey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(members, "CHUNK", chunk)
    monkeypatch.setattr(stack, "CHUNK", chunk)
    files = {f"{folder}/{n}.png": encode(picture(n)) for folder in ("no", "yes") for n in range(5)}
    prepared, images = prepared_from(tmp_path, files)
    assert images.shape == (10, 16, 16, 1)
    assert prepared.index["id"].tolist() == sorted(files)
    assert prepared.rejected.empty
    for row, id in enumerate(prepared.index["id"]):
        np.testing.assert_array_equal(images[row], decode(files[id], 16).pixels)


@pytest.mark.parametrize("chunk", [256, 2])
def test_the_stack_widens_at_the_first_coloured_image_and_keeps_the_rows_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(members, "CHUNK", chunk)
    monkeypatch.setattr(stack, "CHUNK", chunk)
    files = {f"no/{n}.png": encode(picture(n)) for n in range(5)}
    files |= {"yes/0.png": encode(picture(7, colour=True)), "yes/1.png": encode(picture(8))}
    files["yes/2.png"] = encode(picture(9, colour=True))
    _, images = prepared_from(tmp_path, files)
    assert images.shape == (8, 16, 16, 3)
    for row in range(5):
        np.testing.assert_array_equal(images[row], np.dstack([picture(row)] * 3))
    np.testing.assert_array_equal(images[5], picture(7, colour=True))
    np.testing.assert_array_equal(images[6], np.dstack([picture(8)] * 3))
    np.testing.assert_array_equal(images[7], picture(9, colour=True))


@pytest.mark.parametrize("colour", [False, True])
def test_rejects_shorten_the_array_and_no_row_moves(tmp_path: Path, colour: bool) -> None:
    files = {f"no/{n}.png": encode(picture(n, colour=colour)) for n in range(6)} | {"yes/0.png": encode(picture(9))}
    files |= {"no/0.png": b"", "no/3.png": b"no image"}
    prepared, images = prepared_from(tmp_path, files, max_rejected=0.3)
    assert images.shape == (5, 16, 16, 3 if colour else 1)
    assert prepared.index["id"].tolist() == ["no/1.png", "no/2.png", "no/4.png", "no/5.png", "yes/0.png"]
    for row, id in enumerate(prepared.index["id"][:4]):
        expected = picture(int(id[3]), colour=colour)
        np.testing.assert_array_equal(images[row], expected if colour else expected[..., None])


def test_unreadable_files_are_listed_with_their_reason(tmp_path: Path) -> None:
    good = encode(picture(0, 64))
    files = {f"no/{number}.png": good for number in range(7)}
    files |= {"yes/a.png": good, "yes/cut.png": good[:-500], "yes/empty.png": b"", "yes/text.txt": b"not an image"}
    prepared, _ = prepared_from(tmp_path, files, max_rejected=0.5)
    assert reasons(prepared).keys() == {"yes/cut.png", "yes/empty.png", "yes/text.txt"}
    assert reasons(prepared)["yes/empty.png"] == "empty file"
    assert len(prepared.index) + len(prepared.rejected) == len(files)
    shutil.rmtree(tmp_path / "out")
    sentence = refusal(tmp_path / "a.zip", max_rejected=0.2)
    assert "3 of 11 files cannot be used, more than prepare.max_rejected = 0.2 allows" in sentence
    assert "(such as yes/cut.png)" in sentence
    assert "1 x empty file (such as yes/empty.png)" in sentence


def test_as_many_rejects_as_are_allowed_are_no_refusal(tmp_path: Path) -> None:
    files = GOOD | {"no/x.png": b"", "no/y.png": b""}
    assert len(prepared_from(tmp_path, files, max_rejected=0.25)[0].rejected) == 2


def test_files_of_no_class_are_listed_and_do_not_count_as_rejected(tmp_path: Path) -> None:
    prepared, _ = prepared_from(tmp_path, GOOD | {"readme.txt": b"x", "__MACOSX/no/._0.png": b"x", "../up.png": b"x"})
    assert list(reasons(prepared)) == ["../up.png", "__MACOSX/no/._0.png", "readme.txt"]


def test_a_path_that_two_classes_claim_counts_as_rejected(tmp_path: Path) -> None:
    dataset = entry(classes={"healthy": ["no/*", "yes/0.png"], "tumour": ["yes/*"]})
    prepared, images = prepared_from(tmp_path, GOOD, dataset, max_rejected=0.2)
    assert len(images) == 5
    assert reasons(prepared) == {"yes/0.png": "claimed by the classes healthy and tumour"}
    shutil.rmtree(tmp_path / "out")
    assert "1 of 6 files cannot be used" in refusal(tmp_path / "a.zip", dataset)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_last_file_of_a_repeated_path_counts(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("no/1.png", encode(picture(9)))
    prepared = prepare_into(tmp_path, archive, entry(), 0)
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy")[1, ..., 0], picture(9))
    assert list(reasons(prepared)) == ["no/1.png (again)"]


@pytest.mark.parametrize(
    ("expected", "warnings"),
    [
        (None, []),
        (6, []),
        (7, ["the set has 6 images where 7 are expected"]),
        ({"healthy": 3, "tumour": 3}, []),
        ({"healthy": 3, "tumour": 2}, ["class tumour has 3 images where 2 are expected"]),
        (
            {"tumour": 1500, "healthy": 4},
            ["class tumour has 3 images where 1500 are expected", "class healthy has 3 images where 4 are expected"],
        ),
        ({"healthy": 2}, ["class healthy has 3 images where 2 are expected"]),
    ],
)
def test_other_counts_than_expected_are_warned_of_with_both_numbers(
    tmp_path: Path, expected: int | dict[str, int] | None, warnings: list[str]
) -> None:
    assert prepared_from(tmp_path, GOOD, entry(expected=expected))[0].warnings == warnings


def test_rejects_do_not_count_as_images(tmp_path: Path) -> None:
    prepared, _ = prepared_from(tmp_path, GOOD | {"no/x.png": b""}, entry(expected={"healthy": 4}), max_rejected=1)
    assert prepared.warnings == ["class healthy has 3 images where 4 are expected"]


def lesion(rows: slice = slice(8, 16), columns: slice = slice(16, 24), size: int = 32) -> NDArray[np.uint8]:
    mask = np.zeros((size, size), np.uint8)
    mask[rows, columns] = 255
    return mask


def test_masks_follow_their_images(tmp_path: Path) -> None:
    files = {name: encode(picture(0, 32)) for name in ("yes/a.png", "yes/b.png", "no/c.png")}
    files |= {"masks/tumour/a.png": encode(lesion()), "masks/healthy/c.png": encode(lesion() * 0)}
    prepared, _ = prepared_from(tmp_path, files, entry(masks="masks/{label}/{stem}.png"))
    assert list(prepared.masks) == ["yes/a.png"]  # b has none, c's is empty
    expected = np.zeros((16, 16), dtype=bool)
    expected[4:8, 8:12] = True
    np.testing.assert_array_equal(prepared.masks["yes/a.png"], expected)
    assert prepared.rejected.empty


def test_a_mask_that_cannot_be_read_rejects_its_image(tmp_path: Path) -> None:
    files = GOOD | {"masks/0.png": encode(lesion()), "masks/1.png": b"no mask"}
    dataset = entry(classes={"healthy": ["no/*"], "tumour": ["yes/[0-9].png"]}, masks="masks/{stem}.png")
    files = {name: content for name, content in files.items() if name not in ("no/0.png", "no/1.png")}
    prepared, _ = prepared_from(tmp_path, files, dataset, max_rejected=0.5)
    assert reasons(prepared).keys() == {"yes/1.png"}
    assert reasons(prepared)["yes/1.png"] == "its mask is not an image"


def test_masks_that_match_nothing_are_refused(tmp_path: Path) -> None:
    sentence = refusal(write_zip(tmp_path / "a.zip", GOOD), entry(masks="mask/{label}/{stem}.png"))
    assert "no image of the archive has a lesion by mask/{label}/{stem}.png" in sentence


def via(*drawn: tuple[str, dict[str, object]]) -> bytes:
    return json.dumps(
        {f"{name}99": {"filename": name, "regions": [{"shape_attributes": shape}]} for name, shape in drawn}
    ).encode()


SQUARE: dict[str, object] = {"name": "rect", "x": 16, "y": 8, "width": 7, "height": 7}
OUTLINED = {"file": "more/via.json", "image": "yes/{name}"}


def test_outlines_become_masks_at_the_prepared_size(tmp_path: Path) -> None:
    files = {
        "no/0.png": encode(picture(0, 32)),
        "yes/1.png": encode(picture(1, 32)),
        "yes/2.png": encode(picture(2, 32)),
    }
    files["more/via.json"] = via(("1.png", SQUARE), ("9.png", SQUARE))
    prepared, _ = prepared_from(tmp_path, files, entry(outlines=OUTLINED, ignore=["more/"]))
    assert list(prepared.masks) == ["yes/1.png"]
    np.testing.assert_array_equal(prepared.masks["yes/1.png"], lesion()[::2, ::2] > 0)
    assert reasons(prepared) == {"more/via.json: 9.png": "there is no image yes/9.png"}


def test_an_outline_that_cannot_be_drawn_rejects_its_image(tmp_path: Path) -> None:
    files = GOOD | {"more/via.json": via(("0.png", SQUARE | {"x": 3}), ("1.png", {"name": "point", "cx": 1, "cy": 1}))}
    prepared, _ = prepared_from(tmp_path, files, entry(outlines=OUTLINED), max_rejected=0.5)
    assert reasons(prepared).keys() == {"yes/1.png"}
    assert "its outline (point) cannot be drawn" in reasons(prepared)["yes/1.png"]


@pytest.mark.parametrize(
    ("outlines", "sentence"),
    [
        (None, "the archive has no more/via.json, which the catalogue names"),
        (b"no JSON", "more/via.json in the archive holds no outlines"),
        (b"{}", "no image of the archive has a lesion by "),
        (via(("9.png", SQUARE)), "no image of the archive has a lesion by"),
    ],
)
def test_outlines_that_are_none_are_refused(tmp_path: Path, outlines: bytes | None, sentence: str) -> None:
    files = GOOD if outlines is None else GOOD | {"more/via.json": outlines}
    assert sentence in refusal(write_zip(tmp_path / "a.zip", files), entry(outlines=OUTLINED))


def test_a_matlab_set_brings_labels_patients_and_masks(tmp_path: Path) -> None:
    image = np.arange(32 * 32).reshape(32, 32).astype(np.int16) * 3
    mask = lesion() > 0
    files = {
        "a/1.mat": write_mat(image, 1, "100360", mask),
        "a/2.mat": write_mat(image.T, 2, "MR017", mask.T),
        "b/10.mat": write_mat(image, 2, "97"),
        "b/11.mat": write_mat(image, 3, "97"),
        "b/12.mat": write_mat(image, without=["label"]),
        "b/13.mat": b"cut",
        "notes.txt": b"",
    }
    prepared, images = prepared_from(tmp_path, files, matlab_entry(), max_rejected=0.5)
    assert prepared.index[["id", "label", "patient", "format"]].to_numpy().tolist() == [
        ["a/1.mat", "meningioma", "100360", "MATLAB"],
        ["a/2.mat", "glioma", "MR017", "MATLAB"],
        ["b/10.mat", "glioma", "97", "MATLAB"],
    ]
    stretched = np.rint(image * (255 / image.max()))
    assert images.shape == (3, 16, 16, 1)
    assert np.abs(images[0, ..., 0] - stretched.reshape(16, 2, 16, 2).mean(axis=(1, 3))).max() < 3
    np.testing.assert_array_equal(images[1, ..., 0], images[0, ..., 0].T)
    np.testing.assert_array_equal(prepared.masks["a/1.mat"], lesion()[::2, ::2] > 0)
    np.testing.assert_array_equal(prepared.masks["a/2.mat"], prepared.masks["a/1.mat"].T)
    assert "b/10.mat" not in prepared.masks
    assert reasons(prepared)["b/11.mat"] == "its label 3 belongs to no class"
    assert reasons(prepared)["b/12.mat"] == "holds no cjdata/label"
    assert reasons(prepared)["b/13.mat"].startswith("no MATLAB 7.3 file: ")
    assert reasons(prepared).keys() == {"b/11.mat", "b/12.mat", "b/13.mat", "notes.txt"}


def test_a_matlab_set_whose_labels_are_others_is_refused(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", {"1.mat": write_mat(np.ones((4, 4), np.int16), 7)})
    assert "its label 7 belongs to no class" in refusal(archive, matlab_entry(), max_rejected=0.5)
    assert "no image of class meningioma or glioma could be read" in refusal(archive, matlab_entry(), max_rejected=1)


def claiming(archive: Path, name: str, size: int) -> Path:
    """The archive with another unpacked size in its directory's entry for a member."""
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    struct.pack_into("<I", content, place + 24, size)
    archive.write_bytes(content)
    return archive


def test_a_member_that_claims_to_be_huge_is_not_unpacked(tmp_path: Path) -> None:
    archive = claiming(write_zip(tmp_path / "a.zip", GOOD, zipfile.ZIP_DEFLATED), "no/1.png", 3_000_000_000)
    prepared = prepare_into(tmp_path, archive, entry(), 0.5)
    assert reasons(prepared) == {"no/1.png": "3,000,000,000 bytes unpacked, more than 536,870,912"}


def test_a_member_that_unpacks_to_more_than_it_claims_is_rejected(tmp_path: Path) -> None:
    files = GOOD | {"no/1.png": encode(picture(1, 64))}
    archive = claiming(write_zip(tmp_path / "a.zip", files, zipfile.ZIP_DEFLATED), "no/1.png", 100)
    prepared = prepare_into(tmp_path, archive, entry(), 0.5)
    assert list(reasons(prepared)) == ["no/1.png"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_rejected_and_the_others_are_read(tmp_path: Path, compression: int) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD, compression)
    with zipfile.ZipFile(archive) as opened:
        place = opened.getinfo("no/1.png").header_offset + 30 + len("no/1.png")
    content = bytearray(archive.read_bytes())
    content[place + 9 : place + 40] = b"\xff" * 31
    archive.write_bytes(content)
    prepared = prepare_into(tmp_path, archive, entry(), 0.5)
    assert len(prepared.index) == 5
    assert reasons(prepared)["no/1.png"].startswith("cannot be read from the archive: ")


def test_a_class_whose_files_are_all_unreadable_is_refused(tmp_path: Path) -> None:
    files = GOOD | {f"yes/{number}.png": b"no image" for number in range(3)}
    sentence = refusal(write_zip(tmp_path / "a.zip", files), max_rejected=1)
    assert "no image of class tumour could be read" in sentence


def test_a_set_that_is_all_unreadable_is_refused(tmp_path: Path) -> None:
    sentence = refusal(write_zip(tmp_path / "a.zip", dict.fromkeys(GOOD, b"no image")), max_rejected=1)
    assert "no image of class healthy or tumour could be read" in sentence


@pytest.mark.parametrize("content", [b"half an archive", b"", b"PK\x05\x06", b"PK\x03\x04" + bytes(100)])
def test_file_that_is_no_archive_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.zip").write_bytes(content)
    sentence = refusal(tmp_path / "set.zip")
    assert "set.zip is not a zip archive; fetch it again: dvc repro --force --single-item download@set" in sentence


def test_a_failure_halfway_leaves_what_was_there_before(tmp_path: Path) -> None:
    prepared_from(tmp_path, GOOD)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    archive = write_zip(tmp_path / "b.zip", GOOD | {"no/1.png": b"no image"})
    with pytest.raises(UserError, match="cannot be used"):
        prepare_into(tmp_path / "out", archive, entry(), 0)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_preparing_twice_gives_equal_bytes(tmp_path: Path) -> None:
    first, images = prepared_from(tmp_path, GOOD)
    before = (tmp_path / "out/images.npy").read_bytes()
    second, _ = prepared_from(tmp_path, GOOD)
    assert first.index.equals(second.index)
    assert (tmp_path / "out/images.npy").read_bytes() == before
    assert len(images) == 6


FEW = {
    "no/a.png": encode(picture(0, 4)),
    "yes/b.png": encode(picture(1, 4)),
    "yes/c": b"",
    "more/via.json": via(("b.png", {"name": "rect", "x": 0, "y": 0, "width": 2, "height": 2})),
}
ARCHIVES = [zipped(FEW, kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)]


@given(
    st.sampled_from(ARCHIVES),
    st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=3),
)
@settings(max_examples=60)
def test_a_mangled_archive_is_prepared_or_refused_and_no_file_is_lost(
    content: bytes, wounds: list[tuple[float, bytes]]
) -> None:
    mangled = bytearray(content)
    for share, noise in wounds:
        place = int(share * len(mangled))
        mangled[place : place + len(noise)] = noise
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.zip"
        archive.write_bytes(mangled)
        try:
            prepared = prepare_into(Path(folder), archive, entry(outlines=OUTLINED), 1)
        except UserError:
            assert [path.name for path in Path(folder).iterdir()] == ["a.zip"]
            return
        with zipfile.ZipFile(archive) as opened:
            names = {entry.filename for entry in opened.infolist() if not entry.filename.endswith("/")}
        assert names - {"more/via.json"} <= {*prepared.index["id"], *prepared.rejected["id"]}
        assert len(np.load(Path(folder) / "images.npy")) == len(prepared.index)
