"""Properties of images, against scipy and numpy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import ndimage

from medtransfer.evaluation.image_properties import distances, lesion_shares, sharpness


def test_share_of_a_lesion_is_unknown_without_one() -> None:
    masks = {"a": np.array([[True, False], [False, False]]), "b": np.zeros((2, 2), bool)}
    assert_allclose(lesion_shares(["a", "b", "c"], masks), [0.25, np.nan, np.nan])


def test_sharpness_is_the_variance_of_the_laplacian_of_the_grey_image(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (3, 12, 9, 3), dtype=np.uint8)
    expected = [ndimage.laplace(image.mean(axis=-1), mode="mirror").var() for image in images]
    assert_allclose(sharpness(images), expected, rtol=1e-4)


def test_distance_is_to_the_most_alike_of_all_orientations(rng: np.random.Generator) -> None:
    development = rng.integers(0, 256, (5, 64, 64, 1), dtype=np.uint8)
    copy = np.rot90(development[3], 1)[:, ::-1]
    other = rng.integers(0, 256, (64, 64, 1), dtype=np.uint8)
    nearest = distances(np.stack([copy, other]), development)
    assert nearest[0] == pytest.approx(0, abs=1e-5)
    cells = [image[..., 0].reshape(32, 2, 32, 2).mean(axis=(1, 3)) for image in (other, *development)]
    turned = [np.rot90(each, turns) for each in (cells[0], cells[0].T) for turns in range(4)]
    closest = max(np.corrcoef(a.ravel(), b.ravel())[0, 1] for a in turned for b in cells[1:])
    assert nearest[1] == pytest.approx(1 - closest, abs=1e-5)


def test_an_even_image_is_like_nothing(rng: np.random.Generator) -> None:
    development = rng.integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    assert distances(np.full((1, 32, 32, 1), 7, np.uint8), development).tolist() == [1.0]
