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


def acquired(scanner: str, scene: np.ndarray, shading: float | np.ndarray = 0.0) -> np.ndarray:
    """A scene of 64 x 64, acquired."""
    image = SCANNERS[scanner].acquire(scene, np.broadcast_to(shading, scene.shape), np.random.default_rng(1))
    return image.astype(float)


def test_the_second_scanner_has_a_flatter_contrast() -> None:
    """Of two tissues as dark as grey and as white matter."""
    dark, bright = np.full((64, 64), 0.33), np.full((64, 64), 0.48)
    ratios = {name: acquired(name, bright).mean() / acquired(name, dark).mean() for name in SCANNERS}
    assert ratios["first"] == pytest.approx(0.48 / 0.33, rel=0.02)
    assert ratios["second"] < 0.98 * ratios["first"]


def test_the_second_scanner_is_less_sharp() -> None:
    """The strength of fine stripes beside that of broad ones (modulation transfer), at their frequency alone."""

    def strength(scanner: str, cycles: int) -> float:
        stripes = 0.5 + 0.2 * np.sin(2 * np.pi * cycles * np.arange(64) / 64)
        return float(np.abs(np.fft.fft(acquired(scanner, np.tile(stripes, (64, 1))).mean(axis=0)))[cycles])

    transfer = {name: strength(name, 20) / strength(name, 2) for name in SCANNERS}
    assert transfer["second"] < 0.8 * transfer["first"] < 0.8


def test_the_second_scanner_shades_more() -> None:
    """A flat scene: what is left after smoothing is the shading."""
    shading = np.linspace(-1, 1, 64)
    spread = {
        name: ndimage.gaussian_filter(acquired(name, np.full((64, 64), 0.5), shading), 4).std() for name in SCANNERS
    }
    assert spread["second"] > 1.6 * spread["first"] > 0


@pytest.mark.parametrize("size", [24, 61, 128])
def test_any_size_stays_what_it_is(size: int) -> None:
    (item,) = generate(size, 1, 1, 0, "second")
    assert item.image.shape == item.mask.shape == (size, size)
