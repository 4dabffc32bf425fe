"""Overlays of heat maps, and that a figure stands where a class has no case on one side."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import colors as mcolors

from medtransfer.explain.figures import Overlay, Style, overlay_grid
from medtransfer.explain.panels import panels
from medtransfer.explain.sample import Shown
from medtransfer.plotting import LESION, LEVELS, png
from tests.explain.small import sample_of


@pytest.mark.parametrize("overlay", ["shaded", "contours"])
def test_equal_grids_are_equal_bytes(overlay: Overlay, rng: np.random.Generator) -> None:
    images = rng.integers(0, 255, (3, 16, 16, 1), dtype=np.uint8)
    sample = sample_of(images, [images[0, ..., 0] > 200, None, None])
    heat_maps = rng.random((3, 16, 16))
    grids = [overlay_grid(sample, heat_maps, "title", Style("m on d", 2, overlay)) for _ in range(2)]
    assert png(grids[0]) == png(grids[1])


def test_contours_are_white_lines_of_equal_value_and_the_lesion_is_then_dashed() -> None:
    y, x = np.mgrid[:32, :32]
    heat_map = np.exp(-((y - 16) ** 2 + (x - 16) ** 2) / 60)
    sample = replace(sample_of(np.zeros((2, 32, 32, 1), np.uint8), [x < 6, x < 6]), shown={"a": Shown([0, 1], [])})
    maps = np.stack([heat_map, np.zeros((32, 32))])
    figure = overlay_grid(sample, maps, "title", Style("m on d", 2, "contours"))
    lines, lesion = figure.axes[0].collections
    white, dashed = mcolors.to_rgba("white"), mcolors.to_rgba(LESION)
    assert [tuple(colour) for colour in lines.get_edgecolor()] == [white] * 3
    radii = [np.hypot(*(np.asarray(path.vertices) - 16).T).mean() for path in lines.get_paths()]
    np.testing.assert_allclose(radii, np.sqrt(-60 * np.log(LEVELS)), rtol=0.02)
    assert tuple(lesion.get_edgecolor()[0]) == dashed
    assert len(figure.axes[1].collections) == 1  # an empty map has no lines; the lesion is there all the same


def test_panels_stand_with_and_without_an_outline_and_with_an_empty_map(rng: np.random.Generator) -> None:
    images = rng.integers(0, 255, (2, 32, 32, 1), dtype=np.uint8)
    sample = sample_of(images, [images[0, ..., 0] > 200, None])
    maps = {"picture": np.ones((2, 32, 32)) / 2, "saliency": np.stack([rng.random((32, 32)), np.zeros((32, 32))])}
    drawn = [png(panels(sample.cases, maps, "title")) for _ in range(2)]
    assert drawn[0] == drawn[1]
