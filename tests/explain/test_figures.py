"""Which cases are shown, and that a figure stands with any of them missing."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import colors as mcolors

from medtransfer.explain.figures import LESION, LEVELS, Case, Overlay, choose, overlay_grid
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


@pytest.mark.parametrize("overlay", ["shaded", "contours"])
def test_equal_grids_are_equal_bytes(overlay: Overlay, rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, (16, 16, 1), dtype=np.uint8)
    case = Case(image, rng.random((16, 16)), image[..., 0] > 200, "a", "b", 0.9)
    grids = [overlay_grid({"a": ([case], []), "b": ([], [case, case])}, 2, "title", overlay) for _ in range(2)]
    assert png(grids[0]) == png(grids[1])


def test_contours_are_white_lines_of_equal_heat_and_the_lesion_is_then_dashed() -> None:
    y, x = np.mgrid[:32, :32]
    heat = np.exp(-((y - 16) ** 2 + (x - 16) ** 2) / 60)
    case = Case(np.zeros((32, 32, 1), np.uint8), heat, x < 6, "a", "a", 0.9)
    nothing = replace(case, heat=np.zeros((32, 32)))
    figure = overlay_grid({"a": ([case, nothing], [])}, 2, "title", "contours")
    lines, lesion = figure.axes[0].collections
    white, dashed = mcolors.to_rgba("white"), mcolors.to_rgba(LESION)
    assert [tuple(colour) for colour in lines.get_edgecolor()] == [white] * 3
    radii = [np.hypot(*(np.asarray(path.vertices) - 16).T).mean() for path in lines.get_paths()]
    np.testing.assert_allclose(radii, np.sqrt(-60 * np.log(LEVELS)), rtol=0.02)
    assert tuple(lesion.get_edgecolor()[0]) == dashed
    assert len(figure.axes[1].collections) == 1  # no heat, no lines; the lesion is there all the same
