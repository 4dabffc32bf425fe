"""Maps at the size of images, and on one grid."""

import numpy as np
import pytest

from medtransfer.evaluation.localisation import localise
from medtransfer.explain.grids import cell_by_cell


def test_every_pixel_of_a_cell_has_its_value() -> None:
    large = cell_by_cell(np.array([[[0.25, 0.5]], [[1.0, 0.0]]]), (2, 4))
    np.testing.assert_array_equal(large, [[[0.25, 0.25, 0.5, 0.5]] * 2, [[1, 1, 0, 0]] * 2])


def test_no_map_is_no_map_of_the_size() -> None:
    assert cell_by_cell(np.zeros((0, 2, 2)), (4, 6)).shape == (0, 4, 6)


@pytest.mark.parametrize("cells", [2, 4, 8])
def test_random_maps_of_any_coarseness_point_by_chance(cells: int, rng: np.random.Generator) -> None:
    """Enlarged smoothly, the highest pixel of a 2 x 2 map is always a corner, and could never be on a lesion."""
    centre = np.zeros((64, 64), dtype=bool)
    centre[24:40, 20:44] = True
    maps = cell_by_cell(rng.random((3000, cells, cells)), (64, 64))
    result = localise(maps, np.stack([centre] * 3000))
    assert result.pointing_game.mean() == pytest.approx(result.chance.mean(), abs=0.02)
