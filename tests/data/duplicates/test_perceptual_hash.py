"""The hash of a turned image follows from its bits, and stays nearly the same when an image is saved again."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import fftpack

from medtransfer.data.duplicates.hamming import close_pairs
from medtransfer.data.duplicates.perceptual_hash import parse, perceptual_hash, transposed
from medtransfer.store.orientations import ALL, INVERSE, oriented
from tests.data.archives import picture


def image(seed: int, size: int = 96) -> Image.Image:
    return Image.fromarray(picture(seed, size)).convert("L")


def bits(text: str) -> np.ndarray:
    """16 x 16 bits by row and column of the coefficients."""
    by_parity = np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8)).reshape(2, 2, 8, 8)
    return by_parity.transpose(2, 0, 3, 1).reshape(16, 16)


def test_bits_are_the_signs_of_the_lowest_coefficients_of_an_independent_transform() -> None:
    pixels = np.asarray(image(1).resize((64, 64), Image.Resampling.LANCZOS), float)
    signs = fftpack.dct(fftpack.dct(pixels, axis=0), axis=1)[:16, :16] > 0
    signs[0, 0] = False
    assert (bits(perceptual_hash(image(1))) == signs).all()


def test_transposition_swaps_rows_and_columns() -> None:
    text = perceptual_hash(image(2))
    assert (bits(transposed(parse([text])).tobytes().hex()) == bits(text).T).all()


@pytest.mark.parametrize("orientation", ALL)
@pytest.mark.parametrize("negative", [False, True])
def test_every_orientation_and_the_negative_are_recognised(orientation: int, negative: bool) -> None:
    original = np.asarray(image(3))
    other = oriented(original, orientation)
    turned = Image.fromarray(np.ascontiguousarray(255 - other if negative else other))
    near = close_pairs(parse([perceptual_hash(image(3))]), 12, parse([perceptual_hash(turned)]))
    assert (near.orientation.tolist(), near.negative.tolist()) == ([INVERSE[orientation]], [negative])


@pytest.mark.parametrize("quality", [90, 50, 30])
def test_saved_again_an_image_is_close_and_another_one_is_not(quality: int) -> None:
    file = io.BytesIO()
    image(4).save(file, "JPEG", quality=quality)
    hashes = parse([perceptual_hash(each) for each in (image(4), Image.open(file), image(5))])
    near = close_pairs(hashes, 36)
    assert list(zip(near.first, near.second, strict=True)) == [(0, 1)]
