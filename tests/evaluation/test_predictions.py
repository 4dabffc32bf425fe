"""Predictions are checked before they are scored: what is wrong is said in a sentence."""

from typing import Any

import numpy as np
import pytest

from medtransfer.evaluation.predictions import Predictions, require_every_class
from medtransfer.settings.errors import UserError

HALF = [[0.5, 0.5]] * 3


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"probabilities": [[0.5, 0.5], [np.nan, 1], [0, 1]]}, r"1 of 3 images \(the first is row 1\) .* NaN"),
        ({"probabilities": [[np.inf, 0.5], [0, 1], [0, 1]]}, "row 0.*infinite"),
        ({"probabilities": [[0.5, 0.5], [0.5, 0.5], [-0.5, 1.5]]}, "row 2.*below 0.*not logits"),
        ({"probabilities": [[0.5, 0.5], [0.9, 0.4], [0.5, 0.501]]}, r"2 of 3 .*row 1.*add up to 1\.3 and not to 1"),
        ({"probabilities": [[1.0]] * 3}, "two or more columns"),
        ({"probabilities": np.zeros((0, 2)), "actual": []}, "no image"),
        ({"actual": [0, 1]}, "3 images have probabilities, but 2 have actual classes"),
        ({"predicted": [0, 1, 1, 1]}, "3 images have probabilities, but 4 have predicted classes"),
        ({"actual": [0, 1, 2]}, "actual classes must be whole numbers from 0 to 1"),
        ({"actual": [0, 1, -1]}, "actual classes must be whole numbers"),
        ({"actual": [0, 1, np.nan]}, "actual classes must be whole numbers"),
        ({"costs": [[0, 1, 1], [1, 0, 1]]}, "2 x 2 numbers"),
        ({"costs": [[0, np.nan], [1, 0]]}, "2 x 2 numbers"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {"actual": [0, 1, 1], "probabilities": HALF} | wrong
    with pytest.raises(UserError, match=sentence):
        Predictions.of(**given)


def test_the_most_probable_class_is_predicted_and_errors_cost_one() -> None:
    told = Predictions.of([0, 1], [[0.2, 0.7, 0.1], [0.5, 0.2, 0.3]])
    assert told.predicted.tolist() == [1, 0]
    assert told.costs.tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


def test_rounded_probabilities_are_taken(rng: np.random.Generator) -> None:
    assert Predictions.of([0, 1], rng.dirichlet([1, 1], 2).round(4)).classes == 2


def test_every_class_must_have_an_image() -> None:
    require_every_class(np.array([0, 1]), ["a", "b"])
    with pytest.raises(UserError, match="none of the 2 images to be scored is of class a or c"):
        require_every_class(np.array([1, 1]), ["a", "b", "c"])
