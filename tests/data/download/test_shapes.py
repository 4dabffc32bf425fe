"""The source of transfer made by code: equal bytes, and each image shows its class by a measure of its own."""

import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from medtransfer.data.download.shapes import CLASSES, Picture, generate, write_archive

Floats = np.ndarray


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return list(generate(64, images=30 * len(CLASSES), seed=4))


def of(pictures: list[Picture], label: str) -> list[Floats]:
    """The images of a class, smoothed a little, less their median."""
    return [flat(item.image) for item in pictures if item.label == label]


def flat(image: np.ndarray) -> Floats:
    smoothed = ndimage.gaussian_filter(image.astype(float), 1)
    return smoothed - np.median(smoothed)


def spectrum(image: Floats) -> tuple[Floats, Floats]:
    """Power over cycles a side, without what is slower than 1.5 cycles."""
    rows, columns = np.meshgrid(*(np.fft.fftfreq(len(image), 1 / len(image)),) * 2)
    cycles, power = np.hypot(rows, columns), np.abs(np.fft.fft2(image)) ** 2
    return cycles, np.where(cycles < 1.5, 0, power)


def peak(image: Floats) -> float:
    """Cycles a side of the strongest wave."""
    cycles, power = spectrum(image)
    return float(cycles.ravel()[power.argmax()])


def in_one_direction(image: Floats) -> float:
    """How far gradients point in one direction or its opposite: 0 in all alike, 1 in one (the structure tensor)."""
    down, right = ndimage.sobel(image, 0), ndimage.sobel(image, 1)
    a, b, c = (right**2).mean(), (down**2).mean(), (right * down).mean()
    return float(np.hypot(a - b, 2 * c) / (a + b))


def strongest(image: Floats) -> np.ndarray:
    """The pixels that are at least half as far from the background as the farthest."""
    return np.abs(image) > np.abs(image).max() / 2


def test_equal_seeds_give_equal_bytes_and_a_larger_set_begins_with_the_smaller_one(tmp_path: Path) -> None:
    few, many, other = (list(generate(32, images, seed)) for images, seed in ((15, 3), (30, 3), (15, 4)))
    for name, items in (("a", few), ("b", many[14::-1]), ("c", other)):
        write_archive(items, tmp_path / f"{name}.zip")
    a, b, c = ((tmp_path / f"{name}.zip").read_bytes() for name in "abc")
    assert a == b != c
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == {f"{item.label}/{item.number:05d}.png" for item in few}


def test_classes_are_balanced_and_no_two_images_are_equal(pictures: list[Picture]) -> None:
    assert Counter(item.label for item in pictures) == dict.fromkeys(CLASSES, 30)
    assert len({item.image.tobytes() for item in pictures}) == len(pictures)


@settings(max_examples=10, deadline=None)
@given(size=st.integers(32, 96), seed=st.integers(0, 2**40))
def test_any_size_gives_grey_images_that_are_not_flat(size: int, seed: int) -> None:
    for item in generate(size, images=len(CLASSES), seed=seed):
        assert item.image.shape == (size, size)
        assert item.image.dtype == np.uint8
        assert item.image.std() > 3


@pytest.mark.parametrize("size", [31, 257])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=r"32\.\.256"):
        next(generate(size, 1, 0))


@pytest.mark.parametrize("shape", ["blob", "disc", "ring"])
def test_bright_shapes_are_brighter_than_their_background_and_dark_ones_darker(
    pictures: list[Picture], shape: str
) -> None:
    for sign, brightness in ((1, "bright"), (-1, "dark")):
        extremes = [image.max() + image.min() for image in of(pictures, f"{brightness}_{shape}")]
        assert np.mean(np.sign(extremes) == sign) > 0.9


def test_rings_have_a_hole_and_discs_have_none(pictures: list[Picture]) -> None:
    def holes(label: str) -> float:
        masks = [strongest(image) for image in of(pictures, label)]
        return float(np.mean([(ndimage.binary_fill_holes(mask) & ~mask).sum() > 3 for mask in masks]))

    for brightness in ("bright", "dark"):
        assert holes(f"{brightness}_ring") > 0.6  # the largest are cut by the image's border
        assert holes(f"{brightness}_disc") < 0.1


def test_blobs_have_softer_borders_than_discs(pictures: list[Picture]) -> None:
    def steepness(label: str) -> float:
        images = of(pictures, label)
        return float(np.median([ndimage.gaussian_gradient_magnitude(i, 1).max() / np.ptp(i) for i in images]))

    assert steepness("bright_disc") > 1.3 * steepness("bright_blob")


def test_stripes_have_the_frequency_and_the_one_direction_of_their_class(pictures: list[Picture]) -> None:
    for label, low, high in (("stripes_coarse", 2, 6), ("stripes_fine", 7, 13)):
        images = of(pictures, label)
        assert np.mean([low <= peak(image) <= high for image in images]) > 0.9
        assert np.median([in_one_direction(image) for image in images]) > 0.5
    for label in ("checkers", "grain_coarse", "grain_fine"):
        assert np.median([in_one_direction(image) for image in of(pictures, label)]) < 0.4


def test_fine_grain_is_finer_than_coarse_grain(pictures: list[Picture]) -> None:
    def centroid(label: str) -> Floats:
        spectra = [spectrum(image) for image in of(pictures, label)]
        return np.array([(cycles * power).sum() / power.sum() for cycles, power in spectra])

    fine, coarse = centroid("grain_fine"), centroid("grain_coarse")
    assert np.mean(fine[:, None] > coarse[None]) > 0.95


def test_checkers_have_as_many_bright_fields_as_dark_ones_and_grain_no_strong_wave(pictures: list[Picture]) -> None:
    def in_one_wave(label: str) -> float:
        powers = [spectrum(image)[1] for image in of(pictures, label)]
        return float(np.median([np.sort(power.ravel())[-8:].sum() / power.sum() for power in powers]))

    balance = [abs(image.max() + image.min()) / np.ptp(image) for image in of(pictures, "checkers")]
    assert np.median(balance) < 0.2
    assert in_one_wave("stripes_fine") > 2 * in_one_wave("grain_fine")


def test_edges_part_the_image_into_two_halves_of_even_brightness(pictures: list[Picture]) -> None:
    def parted(image: Floats) -> float:
        """The part of the variance between the two sides of the best straight border in 8 directions."""
        y, x = np.mgrid[-1:1:64j, -1:1:64j]
        best = 0.0
        for turn in np.arange(8) * np.pi / 8:
            for place in np.linspace(-0.7, 0.7, 6):
                side = np.cos(turn) * x + np.sin(turn) * y > place
                between = side.mean() * (1 - side.mean()) * (image[side].mean() - image[~side].mean()) ** 2
                best = max(best, float(between / image.var()))
        return best

    assert np.median([parted(image) for image in of(pictures, "edge")[:10]]) > 0.6
    assert max(np.median([parted(i) for i in of(pictures, label)[:3]]) for label in CLASSES if label != "edge") < 0.4
