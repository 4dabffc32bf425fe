"""Which cases are shown, and that a figure stands with any of them missing."""

import numpy as np

from medtransfer.explain.figures import Case, choose, overlay_grid
from medtransfer.plotting import png


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


def test_equal_grids_are_equal_bytes(rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, (16, 16, 1), dtype=np.uint8)
    case = Case(image, rng.random((16, 16)), image[..., 0] > 200, "a", "b", 0.9)
    grids = [overlay_grid({"a": ([case], []), "b": ([], [case, case])}, 2, "title") for _ in range(2)]
    assert png(grids[0]) == png(grids[1])
