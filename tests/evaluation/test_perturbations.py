"""Perturbations keep what an image is, are repeatable, and grow with their strength."""

import io

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from medtransfer.evaluation.perturbations import PERTURBATIONS, in_words, perturbed, variants

SIDE = 48


def pictures(channels: int) -> NDArray[np.uint8]:
    """Two smooth pictures with a bright square each; their channels are alike."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    smooth = 90 + 60 * np.sin(rows / 7) * np.cos(columns / 9)
    both = np.stack([smooth, smooth.T])
    both[:, 10:20, 15:30] += 90
    return np.repeat(np.clip(both, 0, 255).astype(np.uint8)[..., None], channels, axis=-1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("key", PERTURBATIONS)
def test_every_one_changes_more_the_stronger_it_is_and_keeps_type_and_grey(key: str, channels: int) -> None:
    images = pictures(channels)
    changed = [perturbed(images, ["a", "b"], (key, each), seed=1) for each in PERTURBATIONS[key].strengths]
    assert all(each.shape == images.shape and each.dtype == np.uint8 for each in changed)
    apart = [np.abs(each.astype(int) - images).mean() for each in changed]
    assert 0 < apart[0] < apart[1] < apart[2]
    if key != "jpeg":  # which stores colour more coarsely
        assert all((each == each[..., :1]).all() for each in changed)


@pytest.mark.parametrize("key", PERTURBATIONS)
def test_an_image_is_changed_alike_whatever_stands_beside_it(key: str) -> None:
    images, variant = pictures(1), (key, PERTURBATIONS[key].strengths[2])
    both = perturbed(images, ["a", "b"], variant, seed=1)
    assert_array_equal(perturbed(images[1:], ["b"], variant, seed=1)[0], both[1])


def test_noise_and_direction_follow_from_name_and_seed() -> None:
    even = np.full((1, 200, 200, 1), 128, np.uint8)
    noise = {
        (name, seed): perturbed(even, [name], ("noise", 15), seed)[0, ..., 0].astype(float) - 128
        for name in "ab"
        for seed in (1, 2)
    }
    assert_allclose([each.std() for each in noise.values()], 15, rtol=0.03)
    assert_allclose(np.corrcoef([each.ravel() for each in noise.values()]), np.eye(4), atol=0.03)
    names = [str(number) for number in range(40)]
    turned = perturbed(np.repeat(pictures(1)[:1], 40, axis=0), names, ("rotation", 10), seed=1)
    ways = np.unique(turned, axis=0, return_counts=True)[1]
    assert len(ways) == 2
    assert ways.min() > 8


def test_blur_and_rotation_are_those_of_scipy() -> None:
    image = pictures(1)[:1]
    blurred = perturbed(image, ["a"], ("blur", 4), seed=1)[0, ..., 0]
    assert_allclose(
        blurred, ndimage.gaussian_filter(image[0, ..., 0].astype(float), 0.04 * SIDE, mode="mirror"), atol=2
    )
    turned = perturbed(image, ["a"], ("rotation", 10), seed=1)[0, ..., 0]
    ways = [
        ndimage.rotate(image[0, ..., 0].astype(float), way, reshape=False, order=1, mode="nearest") for way in (-10, 10)
    ]
    assert min(np.abs(turned - way).mean() for way in ways) < 1.5


def test_contrast_is_lowered_about_the_mean() -> None:
    image = pictures(1)[:1]
    lower = perturbed(image, ["a"], ("contrast", 50), seed=1)
    assert lower.mean() == pytest.approx(image.mean(), abs=0.3)
    assert lower.std() == pytest.approx(image.std() / 2, rel=0.01)


def test_jpeg_keeps_the_order_of_colours() -> None:
    colours = pictures(3)[:1] // np.array([1, 2, 4], np.uint8)
    stored = io.BytesIO()
    Image.fromarray(colours[0]).save(stored, "JPEG", quality=25)
    ours = perturbed(colours, ["a"], ("jpeg", 25), seed=1)[0].astype(int)
    assert np.abs(ours - np.asarray(Image.open(stored))).mean() < 3


def test_strengths_are_said_with_their_unit() -> None:
    assert in_words(("blur", 0.75)) == "Gaussian blur (s.d. 0.75 % of the side)"
    assert len(list(variants())) == 15
