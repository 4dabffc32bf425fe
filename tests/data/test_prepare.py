"""From archive to arrays: nothing dropped in silence, nothing crashes, pixels are right."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.config import Dataset
from medtransfer.data.prepare import Decoded, UndecodableError, decode, members, prepare
from medtransfer.errors import UserError
from tests.data.archives import encode, write_zip


def entry(**changes: object) -> Dataset:
    return Dataset.model_validate(
        {
            "title": "test",
            "source": {"kind": "kaggle", "slug": "a/b"},
            "image_size": 16,
            "classes": {"healthy": ["no/*"], "tumour": ["yes/*"]},
            "positive": "tumour",
        }
        | changes
    )


def test_members_follow_the_patterns_and_stay_within_one_folder() -> None:
    names = ["yes/", "yes/b.jpg", "no/a.jpg", "no/deeper/c.jpg", "pred/x.jpg", "other/yes/d.jpg", "yes/a.jpg"]
    found = members(names, entry())
    assert [(member.id, member.label) for member in found] == [
        ("no/a.jpg", "healthy"),
        ("yes/a.jpg", "tumour"),
        ("yes/b.jpg", "tumour"),
    ]


def test_path_claimed_by_two_classes_is_refused() -> None:
    with pytest.raises(UserError, match=r"yes/a\.jpg is claimed by healthy and tumour"):
        members(["yes/a.jpg", "no/b.jpg"], entry(classes={"healthy": ["no/*", "yes/a*"], "tumour": ["yes/*"]}))


def test_class_without_files_is_refused_with_what_is_there() -> None:
    with pytest.raises(UserError, match=r"class healthy \(no/\*\); it begins with Yes/a\.jpg, yes/a\.jpg"):
        members(["yes/a.jpg", "Yes/a.jpg"], entry())


def test_patients_come_from_the_path() -> None:
    dataset = entry(patient=r"/(p\d+)_")
    assert members(["yes/p01_2.png", "no/p7_1.png"], dataset)[0].patient == "p7"
    with pytest.raises(UserError, match=r"finds no patient's id in no/q\.png"):
        members(["yes/p01_2.png", "no/q.png"], dataset)


@pytest.mark.parametrize(
    ("format", "mode"), [("PNG", "L"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("BMP", "L")]
)
def test_lossless_modes_decode_to_the_same_pixels_and_hash(format: str, mode: str, rng: np.random.Generator) -> None:
    grey = rng.integers(0, 255, (16, 16), dtype=np.uint8)
    image = decode(encode(grey, format, mode), 16)
    np.testing.assert_array_equal(image.pixels, np.stack([grey] * 3, axis=-1))
    assert image.grey
    assert image.sha256 == decode(encode(grey), 16).sha256
    assert (image.width, image.height, image.mode) == (16, 16, mode)


def test_content_decides_not_the_name(tmp_path: Path, rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 255, (20, 24), dtype=np.uint8)
    archive = write_zip(tmp_path / "a.zip", {"yes/a.jpg": encode(pixels, "PNG"), "no/b.png": encode(pixels, "JPEG")})
    prepared = prepare(archive, entry(), 16, 0, tmp_path / "images.npy")
    assert len(prepared.index) == 2


def test_array_follows_the_index_and_has_one_channel_where_all_is_grey(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    files = {
        f"{folder}/{number}.png": encode(rng.integers(0, 255, (16, 16), dtype=np.uint8))
        for folder in ("no", "yes")
        for number in range(5)
    }
    prepared = prepare(write_zip(tmp_path / "a.zip", files), entry(), 16, 0, tmp_path / "images.npy")
    images = np.load(tmp_path / "images.npy")
    assert images.shape == (10, 16, 16, 1)
    for row, id in enumerate(prepared.index["id"]):
        np.testing.assert_array_equal(images[row, ..., 0], decode(files[id], 16).pixels[..., 0])


def test_one_coloured_image_gives_all_three_channels(tmp_path: Path, rng: np.random.Generator) -> None:
    colour = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
    archive = write_zip(tmp_path / "a.zip", {"no/a.png": encode(colour[..., 0]), "yes/b.png": encode(colour)})
    prepare(archive, entry(), 16, 0, tmp_path / "images.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy")[1], colour)


def test_unreadable_files_are_listed_with_their_reason(tmp_path: Path, rng: np.random.Generator) -> None:
    good = encode(rng.integers(0, 255, (64, 64), dtype=np.uint8))
    files = {f"no/{number}.png": good for number in range(7)}
    files |= {"yes/a.png": good, "yes/cut.png": good[:-500], "yes/empty.png": b"", "yes/text.txt": b"not an image"}
    archive = write_zip(tmp_path / "a.zip", files)
    prepared = prepare(archive, entry(), 16, 0.5, tmp_path / "images.npy")
    reasons = dict(zip(prepared.rejected["id"], prepared.rejected["reason"], strict=True))
    assert set(reasons) == {"yes/cut.png", "yes/empty.png", "yes/text.txt"}
    assert reasons["yes/empty.png"] == "empty file"
    assert len(prepared.index) + len(prepared.rejected) == len(files)
    with pytest.raises(UserError, match=r"3 of 11 files cannot be decoded, more than prepare\.max_rejected = 0\.2"):
        prepare(archive, entry(), 16, 0.2, tmp_path / "again.npy")
    assert not (tmp_path / "again.npy").exists()
    assert not list(tmp_path.glob("*draft*"))


def test_masks_follow_their_images(tmp_path: Path) -> None:
    lesion = np.zeros((32, 32), dtype=np.uint8)
    lesion[8:16, 16:24] = 255
    files = {"yes/a.png": encode(lesion), "yes/b.png": encode(lesion), "no/c.png": encode(lesion)}
    archive = write_zip(tmp_path / "a.zip", files | {"masks/tumour/a.png": encode(lesion)})
    prepared = prepare(archive, entry(masks="masks/{label}/{stem}.png"), 16, 0, tmp_path / "images.npy")
    assert list(prepared.masks) == ["yes/a.png"]
    expected = np.zeros((16, 16), dtype=bool)
    expected[4:8, 8:12] = True
    np.testing.assert_array_equal(prepared.masks["yes/a.png"], expected)


def test_masks_that_match_nothing_are_refused(tmp_path: Path) -> None:
    pixels = encode(np.zeros((16, 16), dtype=np.uint8))
    archive = write_zip(tmp_path / "a.zip", {"yes/a.png": pixels, "no/b.png": pixels})
    with pytest.raises(UserError, match=r"no file of the archive matches masks \(mask/"):
        prepare(archive, entry(masks="mask/{label}/{stem}.png"), 16, 0, tmp_path / "images.npy")


def test_file_that_is_no_archive_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"half an archive")
    with pytest.raises(UserError, match="is no zip archive"):
        prepare(tmp_path / "a.zip", entry(), 16, 0, tmp_path / "images.npy")


@given(st.binary(max_size=300), st.integers(0, 300), st.sampled_from(["PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP"]))
def test_mangled_images_decode_or_say_why(noise: bytes, place: int, format: str) -> None:
    content = encode(np.arange(256, dtype=np.uint8).reshape(16, 16), format)
    try:
        image = decode(content[:place] + noise + content[place + len(noise) :], 16)
    except UndecodableError as error:
        assert str(error)
    else:
        assert isinstance(image, Decoded)
        assert image.pixels.shape == (16, 16, 3)
