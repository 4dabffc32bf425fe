"""One picture in any file format is one picture: upright, at its levels, known by its hashes; all else is refused."""

import hashlib
import io
import struct
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
from medtransfer.data.prepare.decode import Decoded, UndecodableError, decode, reason
from tests.data.archives import encode, picture

GREY = np.random.default_rng(0).permutation(256).astype(np.uint8).reshape(16, 16)  # every level, 0 and 255 among them
SMOOTH = np.add.outer(np.arange(0, 128, 2), np.arange(0, 128, 2)).astype(np.uint8)  # 64 x 64, as JPEG likes it


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    image.save(buffer := io.BytesIO(), format, **options)
    return buffer.getvalue()


def deep(pixels: NDArray, format: str = "PNG") -> bytes:
    """Numbers of 16 bits or floats as an image file."""
    return saved(Image.fromarray(pixels), format)


LOSSLESS = {
    **{f"PNG {mode}": encode(GREY, "PNG", mode) for mode in ("L", "RGB", "P", "RGBA", "LA")},
    "PNG I;16": deep(GREY.astype(np.uint16) * 257),
    "PNG I;16, part of the range": deep(GREY.astype(np.uint16) * 4 + 1000),
    **{f"BMP {mode}": encode(GREY, "BMP", mode) for mode in ("L", "RGB")},
    **{f"TIFF {mode}": encode(GREY, "TIFF", mode) for mode in ("L", "RGB", "CMYK", "LA")},
    "TIFF L, packed": encode(GREY, "TIFF", compression="tiff_lzw"),
    "TIFF I;16": deep(GREY.astype(np.uint16) * 257, "TIFF"),
    "TIFF I": deep(GREY.astype(np.int32) * 1000 - 9, "TIFF"),
    "TIFF F": deep(GREY.astype(np.float32) / 255 - 0.5, "TIFF"),
    "WEBP RGB": encode(GREY, "WEBP", "RGB", lossless=True),
    "GIF L": encode(GREY, "GIF"),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_grey_picture_is_the_same_in_every_lossless_form(name: str) -> None:
    image = decode(LOSSLESS[name], 16)
    np.testing.assert_array_equal(image.pixels, GREY[..., None])
    assert image.sha256 == hashlib.sha256(b"16x16" + GREY.tobytes()).hexdigest()
    assert image.phash == perceptual_hash(Image.fromarray(GREY))
    np.testing.assert_array_equal(image.thumbnail, Image.fromarray(GREY).resize((128, 128), Image.Resampling.BILINEAR))
    assert (image.width, image.height, image.mean) == (16, 16, 127.5)
    assert image.deviation == pytest.approx(GREY.std())
    assert image.format == name.split()[0]


@pytest.mark.parametrize(
    ("name", "mode"), [("PNG LA", "LA"), ("PNG P", "P"), ("PNG I;16", "I;16"), ("TIFF CMYK", "CMYK")]
)
def test_the_mode_is_the_files_own(name: str, mode: str) -> None:
    assert decode(LOSSLESS[name], 16).mode == mode


@pytest.mark.parametrize(("format", "mode"), [("JPEG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
def test_a_lossy_form_is_nearly_the_same(format: str, mode: str) -> None:
    image = decode(encode(SMOOTH, format, mode, quality=95), 64)
    assert image.pixels.shape[:2] == (64, 64)
    assert np.abs(image.pixels.astype(int) - SMOOTH[..., None]).max() <= 6


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_black_and_white_of_one_bit(format: str) -> None:
    bits = GREY > 127
    image = decode(saved(Image.fromarray(bits), "PNG") if format == "PNG" else encode(bits * np.uint8(255), format), 16)
    assert image.pixels.shape == (16, 16, 1)
    if format == "PNG":
        np.testing.assert_array_equal(image.pixels[..., 0], bits * 255)


def test_transparency_is_left_out() -> None:
    alpha = np.dstack([GREY, GREY, GREY, 255 - GREY])
    assert decode(saved(Image.fromarray(alpha), "PNG"), 16).sha256 == decode(encode(GREY), 16).sha256


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_colour_stays_colour(format: str) -> None:
    colour = picture(1, colour=True)
    image = decode(encode(colour, format), 16)
    np.testing.assert_array_equal(image.pixels, colour)
    assert image.phash == perceptual_hash(Image.fromarray(colour).convert("L"))
    assert image.mean == np.asarray(Image.fromarray(colour).convert("L")).mean()


def test_one_coloured_pixel_is_colour() -> None:
    nearly = np.dstack([GREY] * 3)
    nearly[3, 5, 2] ^= 1
    np.testing.assert_array_equal(decode(encode(nearly), 16).pixels, nearly)


def test_another_size_is_another_image() -> None:
    flat = np.full((4, 8), 9, np.uint8)
    assert decode(encode(flat), 16).sha256 != decode(encode(flat.T), 16).sha256


def test_pixels_are_resized_and_size_is_the_files_own() -> None:
    halves = np.zeros((40, 60), np.uint8)
    halves[:, 30:] = 200
    image = decode(encode(halves), 20)
    assert (image.width, image.height) == (60, 40)
    assert image.pixels.shape == (20, 20, 1)
    assert (image.pixels[:, :9] == 0).all()
    assert (image.pixels[:, 11:] == 200).all()


# What a camera turned so has written, of a scene that stands upright.
TURNED: dict[int, Callable[[NDArray], NDArray]] = {
    1: lambda scene: scene,
    2: np.fliplr,
    3: lambda scene: np.rot90(scene, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda scene: np.rot90(scene, 1),
    7: lambda scene: np.rot90(scene, 2).T,
    8: lambda scene: np.rot90(scene, -1),
}


@pytest.mark.parametrize("size", [8, 16, 32])
def test_nearest_neighbour_takes_the_pixel_under_the_middle_of_each_new_one(size: int) -> None:
    taken = np.floor((np.arange(size) + 0.5) * 16 / size).astype(int)
    pixels = decode(encode(GREY), size, "nearest").pixels
    np.testing.assert_array_equal(pixels[..., 0], GREY[np.ix_(taken, taken)])


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_a_turned_picture_is_set_upright(orientation: int, format: str) -> None:
    scene = np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = np.ascontiguousarray(TURNED[orientation](scene))
    content = encode(turned, format, exif=exif.tobytes(), lossless=True)
    image = decode(content, 20)
    assert (image.width, image.height) == (20, 12)
    assert image.sha256 == decode(encode(scene), 20).sha256
    np.testing.assert_array_equal(image.pixels, decode(encode(scene), 20).pixels)


def test_a_deep_picture_is_stretched_from_its_darkest_to_its_brightest() -> None:
    levels = np.array([[1000, 1400], [2000, 1200]], np.uint16)
    assert decode(deep(levels), 2).pixels[..., 0].tolist() == [[0, 102], [255, 51]]


def test_a_deep_picture_of_one_level_is_black() -> None:
    assert not decode(deep(np.full((16, 16), 700, np.uint16)), 16).pixels.any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_are_refused(value: float) -> None:
    levels = GREY.astype(np.float32)
    levels[3, 3] = value
    with pytest.raises(UndecodableError, match="holds values that are no numbers"):
        decode(deep(levels, "TIFF"), 16)


@pytest.mark.filterwarnings("error")
def test_floats_of_the_widest_range_are_stretched_too() -> None:
    levels = np.array([[-3e38, 3e38], [-1.8e38, 0.6e38]], np.float32)
    assert decode(deep(levels, "TIFF"), 2).pixels[..., 0].tolist() == [[0, 255], [51, 153]]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_that_claims(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def bmp_that_claims(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 154, 0, 0, 54) + header + bytes(100)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [60_000, 12_000, 7_100])
@pytest.mark.parametrize("claiming", [png_that_claims, bmp_that_claims])
def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_unpacked(
    claiming: Callable[[int, int], bytes], side: int
) -> None:
    start = time.perf_counter()
    with pytest.raises(
        UndecodableError, match=r"pixels.*(limit|more than)|claims 7100 x 7100 pixels, more than 50,000,000"
    ):
        decode(claiming(side, side), 16)
    assert time.perf_counter() - start < 1


def test_a_picture_of_just_as_many_pixels_as_are_allowed_is_not_refused_for_its_size() -> None:
    with pytest.raises(UndecodableError, match="truncated"):
        decode(png_that_claims(10_000, 5_000), 16)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"%PDF-1.4 no picture", "not an image"),
        (b"\x00" * 1000, "not an image"),
        (encode(picture(0, 64))[:-2000], "truncated"),
        (encode(SMOOTH, "JPEG")[:-300], "(?i)truncated"),
        (encode(picture(0, 64), "BMP")[:-2000], "truncated"),
        (encode(GREY)[:20], "."),
    ],
)
def test_what_is_no_whole_image_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason) as caught:
        decode(content, 16)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format", ["GIF", "TIFF", "PNG", "WEBP"])
def test_a_file_of_several_pictures_is_refused(format: str) -> None:
    frames = [Image.fromarray(picture(number)) for number in range(3)]
    content = saved(frames[0], format, save_all=True, append_images=frames[1:], lossless=True)
    assert getattr(Image.open(io.BytesIO(content)), "n_frames", 1) == 3
    with pytest.raises(UndecodableError, match="holds 3 pictures; keep one to a file"):
        decode(content, 16)


def test_a_reason_names_no_address_in_memory() -> None:
    assert reason(OSError("cannot identify <BytesIO object at 0x7fae35ca8090>")) == "cannot identify <BytesIO object>"


def test_near_pictures_have_near_hashes_and_others_far_ones() -> None:
    one, near, other = (
        int(decode(content, 16).phash, 16)
        for content in (encode(SMOOTH), encode(SMOOTH, "JPEG", quality=50), encode(picture(2, 64)))
    )
    assert (one ^ near).bit_count() < 64 < (one ^ other).bit_count()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@given(st.binary(max_size=300), st.integers(0, 300), st.sampled_from(["PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP"]))
def test_mangled_images_decode_or_say_why(noise: bytes, place: int, format: str) -> None:
    content = encode(np.arange(256, dtype=np.uint8).reshape(16, 16), format)
    try:
        image = decode(content[:place] + noise + content[place + len(noise) :], 16)
    except UndecodableError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert isinstance(image, Decoded)
        assert image.pixels.shape in [(16, 16, 1), (16, 16, 3)]
        assert len(image.sha256) == len(image.phash) == 64


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a", b"II*\x00", b"\xff\xd8\xff", b"P5 "]),
)
def test_noise_decodes_or_says_why(noise: bytes, beginning: bytes) -> None:
    try:
        image = decode(beginning + noise, 16)
    except UndecodableError as error:
        assert str(error)
    else:
        assert image.pixels.shape[:2] == (16, 16)
