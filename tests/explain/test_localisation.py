"""Saliency on, off and all over a lesion."""

import numpy as np
import pytest

from medtransfer.explain.grids import enlarged
from medtransfer.explain.localisation import localise

MASK = np.zeros((10, 10), dtype=bool)
MASK[:2] = True


@pytest.mark.parametrize(
    ("saliency", "pointing", "energy"),
    [(MASK * 1.0, 1, 1), (~MASK * 1.0, 0, 0), (np.ones((10, 10)), 0.2, 0.2), (np.zeros((10, 10)), 0, 0)],
    ids=["on", "off", "even", "nowhere"],
)
def test_scores(saliency: np.ndarray, pointing: float, energy: float) -> None:
    result = localise(saliency[None], MASK[None])
    assert result is not None
    assert result.images == 1
    assert result.pointing_game == pytest.approx(pointing)
    assert result.chance == pytest.approx(0.2)
    assert result.energy_inside == pytest.approx(energy)


def test_random_maps_score_chance(rng: np.random.Generator) -> None:
    result = localise(rng.random((4000, 10, 10)), np.stack([MASK] * 4000))
    assert result is not None
    assert result.pointing_game == pytest.approx(result.chance, abs=0.03)
    assert result.energy_inside == pytest.approx(result.chance, abs=0.01)


def test_images_without_a_lesion_do_not_count() -> None:
    assert localise(np.ones((1, 10, 10)), np.zeros((1, 10, 10), dtype=bool)) is None
    result = localise(np.ones((2, 10, 10)), np.stack([MASK, ~(MASK | True)]))
    assert result is not None
    assert result.images == 1


@pytest.mark.parametrize("cells", [2, 4, 8])
def test_random_maps_of_any_coarseness_point_by_chance(cells: int, rng: np.random.Generator) -> None:
    """Enlarged smoothly, the highest pixel of a 2 x 2 map is always a corner, and could never be on a lesion."""
    centre = np.zeros((64, 64), dtype=bool)
    centre[24:40, 20:44] = True
    maps = np.stack([enlarged(rng.random((cells, cells)), (64, 64), smooth=False) for _ in range(3000)])
    result = localise(maps, np.stack([centre] * 3000))
    assert result is not None
    assert result.pointing_game == pytest.approx(result.chance, abs=0.02)
