"""Which cases are shown and which are scored."""

import numpy as np
import pandas as pd

from medtransfer.explain.sample import Shown, Wanted, choose, draw_sample
from medtransfer.settings.resolved import Classes


def test_most_confident_right_and_wrong_of_each_class_are_chosen() -> None:
    actual, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    confidence = np.array([0.6, 0.9, 0.7, 0.8, 0.55, 0.99])
    chosen = choose(actual, predicted, confidence, 2)
    assert {key: rows.tolist() for key, rows in chosen.items()} == {
        (0, True): [1, 2],
        (0, False): [3],
        (1, True): [5, 4],
        (1, False): [],
    }


def test_sample_has_what_is_shown_and_what_is_outlined() -> None:
    """Of classes a, b and c, of which no test image is a c."""
    rows = [
        ("p", "a", "a", 0.9),
        ("q", "a", "a", 0.7),
        ("r", "a", "b", 0.8),
        ("s", "b", "b", 0.6),
        ("t", "a", "a", 0.5),
    ]
    predictions = pd.DataFrame(rows, columns=["id", "actual", "predicted", "a"]).assign(b=0.0, c=0.0, group="g")
    images, held_out = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1), np.arange(5, 10)
    masks = {"r": np.ones((1, 1), bool), "t": np.ones((1, 1), bool), "elsewhere": np.ones((1, 1), bool)}
    masks["s"] = np.zeros((1, 1), bool)
    wanted = Wanted(1, ["t", "p"])
    sample = draw_sample(predictions, Classes(["a", "b", "c"], None), images, held_out, masks, wanted)
    assert sample.images.ravel().tolist() == [5, 7, 8, 9]  # p, r, s, t: q is neither shown, nor compared nor outlined
    assert sample.compared == [3, 0]
    assert sample.classes.tolist() == [0, 1, 1, 0]
    assert sample.shown == {"a": Shown([0], [1]), "b": Shown([2], []), "c": Shown([], [])}
    lesions = sample.lesions
    assert (lesions.numbers, lesions.groups) == ([3], ["g"])  # r is predicted wrong, s has no lesion
    assert lesions.masks.tolist() == [[[True]]]
