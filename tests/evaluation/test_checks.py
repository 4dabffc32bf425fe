"""Predictions that cannot be scored are refused in a sentence that says which."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medtransfer.evaluation.checks import checked, checked_logits, checked_share
from medtransfer.settings.errors import UserError

GOOD = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]])
ACTUAL = np.array([1, 0, 0])


@pytest.mark.parametrize(
    ("actual", "probabilities", "message"),
    [
        (ACTUAL, np.array([[0.25, 0.75], [np.nan, 0.5], [1, 0]]), r"1 of 3 images \(the first is row 1\)"),
        (ACTUAL, np.array([[0.25, 0.75], [0.5, 0.5], [2, -1]]), "row 2"),
        (ACTUAL, np.array([[0.25, 0.7], [0.5, 0.6], [1, 0]]), "2 of 3 .* add up to 0.95"),
        (ACTUAL[:2], GOOD, "3 images have probabilities, but 2"),
        (np.array([1, 0, 2]), GOOD, "whole numbers from 0 to 1"),
        (np.zeros(0, int), np.zeros((0, 2)), "no image"),
        (ACTUAL, np.ones((3, 1)), "shape"),
    ],
)
def test_wrong_predictions_are_refused(actual: NDArray[np.int64], probabilities: NDArray, message: str) -> None:
    with pytest.raises(UserError, match=message):
        checked(actual, probabilities)


def test_groups_of_other_images_are_refused() -> None:
    with pytest.raises(UserError, match="groups of 2 images for 3"):
        checked(ACTUAL, GOOD, np.array(["a", "b"]))


def test_good_predictions_pass_in_double_precision() -> None:
    assert checked(ACTUAL, GOOD.astype(np.float32), np.arange(3)).dtype == np.float64
    np.testing.assert_array_equal(checked_logits(ACTUAL, np.log(GOOD + 1)), np.log(GOOD + 1))


@pytest.mark.parametrize("value", [0, 1, -0.1, 95, float("nan")])
def test_what_is_no_share_is_refused(value: float) -> None:
    with pytest.raises(UserError, match="the prevalence is"):
        checked_share(value, "the prevalence")
