"""The second scanner shows the same heads with more noise and shading, a flatter contrast and less detail."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from medtransfer.data.download.phantom import Slice, generate, write_archive
from medtransfer.data.download.scanner import SCANNERS


@pytest.fixture(scope="module")
def first() -> list[Slice]:
    return list(generate(64, patients=24, slices_per_patient=1, seed=5))


@pytest.fixture(scope="module")
def second() -> list[Slice]:
    return list(generate(64, patients=24, slices_per_patient=1, seed=5, scanner="second"))


def corner(item: Slice) -> np.ndarray:
    """Air, where there is nothing but noise."""
    return item.image[:8, :8].astype(float)


def brain(item: Slice) -> np.ndarray:
    """The middle of the image without its lesion, in 0..1."""
    inside = np.hypot(*(np.mgrid[-1:1:64j, -1:1:64j])) < 0.55
    return item.image[inside & ~ndimage.binary_dilation(item.mask, iterations=3)] / 255


def test_the_phantom_of_the_first_scanner_has_the_bytes_that_it_always_had(tmp_path: Path) -> None:
    write_archive(generate(32, patients=8, slices_per_patient=2, seed=7), tmp_path / "a.zip")
    write_archive(generate(32, 8, 2, 7, "first"), tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert hashlib.md5((tmp_path / "a.zip").read_bytes()).hexdigest() == "5b57353efe963f24c14d2f9e87660010"


def test_a_head_and_its_lesion_are_the_same_under_both_scanners(first: list[Slice], second: list[Slice]) -> None:
    for a, b in zip(first, second, strict=True):
        assert (a.label, a.patient) == (b.label, b.patient)
        np.testing.assert_array_equal(a.mask, b.mask)
        smooth = [ndimage.gaussian_filter(item.image.astype(float), 2).ravel() for item in (a, b)]
        assert np.corrcoef(*smooth)[0, 1] > 0.85


def test_the_second_scanner_has_more_noise(first: list[Slice], second: list[Slice]) -> None:
    noise = [np.median([corner(item).std() for item in items]) for items in (first, second)]
    assert noise[1] > 1.3 * noise[0]


def test_the_second_scanner_has_a_flatter_contrast(first: list[Slice], second: list[Slice]) -> None:
    """Of brain to air and skull, and in brain: its brightness over the brightest pixels of the image."""
    level = [
        np.median([np.median(brain(item)) / np.quantile(item.image / 255, 0.99) for item in items])
        for items in (first, second)
    ]
    assert level[1] > 1.05 * level[0]


def test_the_second_scanner_is_less_sharp(first: list[Slice], second: list[Slice]) -> None:
    """The mean of heads of one place has no noise left; its skull is a line of two pixels that blur removes."""
    steep = []
    for items in (first, second):
        smooth = [ndimage.gaussian_gradient_magnitude(item.image.astype(float), 0.7) for item in items]
        steep.append(
            np.median(
                [np.quantile(each, 0.98) / np.quantile(i.image, 0.95) for each, i in zip(smooth, items, strict=True)]
            )
        )
    assert steep[1] < 0.8 * steep[0]


def test_the_second_scanner_shades_more() -> None:
    """A flat scene: what is left after smoothing is the shading."""
    shading = np.tile(np.linspace(-1, 1, 64), (64, 1))
    spread = [
        ndimage.gaussian_filter(
            s.acquire(np.full((64, 64), 0.5), shading, np.random.default_rng(1)).astype(float), 4
        ).std()
        for s in SCANNERS.values()
    ]
    assert spread[1] > 1.6 * spread[0] > 0


@pytest.mark.parametrize("size", [24, 61, 128])
def test_any_size_stays_what_it_is(size: int) -> None:
    (item,) = generate(size, 1, 1, 0, "second")
    assert item.image.shape == item.mask.shape == (size, size)
