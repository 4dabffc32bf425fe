"""Copy-free accuracy is of the images without a copy, and says how little a few images tell."""

import numpy as np
import pytest

from medtransfer.evaluation.copy_free import copy_free
from medtransfer.evaluation.predictions import Predictions


def test_accuracy_and_interval_are_of_the_free_images(rng: np.random.Generator) -> None:
    actual, predicted = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    free = copy_free(Predictions.of(actual, np.eye(3)[predicted]), np.arange(60) < 25, np.arange(60))
    share = (actual == predicted)[:25].mean()
    assert free["images"] == 25
    assert free["accuracy"] == pytest.approx(share)
    z, n = 1.959964, 25
    centre, spread = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(
        free["interval"], (np.array([centre - spread, centre + spread]) / (1 + z**2 / n)), atol=1e-6
    )


def test_none_free_is_no_number() -> None:
    free = copy_free(Predictions.of([0, 1], np.eye(2)), np.zeros(2, dtype=bool), np.arange(2))
    assert free == {"images": 0, "accuracy": None, "interval": None}


def test_interval_is_wider_where_images_are_of_few_patients(rng: np.random.Generator) -> None:
    actual, right = np.arange(60) % 2, np.repeat(rng.random(10) < 0.7, 6)
    told = Predictions.of(actual, np.eye(2)[np.where(right, actual, 1 - actual)])
    of_images, of_patients = (
        copy_free(told, np.ones(60, dtype=bool), groups)["interval"] for groups in (np.arange(60), np.arange(60) // 6)
    )
    assert of_patients[1] - of_patients[0] > 1.5 * (of_images[1] - of_images[0])
