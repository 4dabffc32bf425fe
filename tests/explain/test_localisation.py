"""Heat on, off and all over a lesion."""

import numpy as np
import pytest

from medtransfer.explain.localisation import localise

MASK = np.zeros((10, 10), dtype=bool)
MASK[:2] = True


@pytest.mark.parametrize(
    ("heat", "pointing", "energy"),
    [(MASK * 1.0, 1, 1), (~MASK * 1.0, 0, 0), (np.ones((10, 10)), 1, 0.2), (np.zeros((10, 10)), 0, 0)],
    ids=["on", "off", "even", "nowhere"],
)
def test_scores(heat: np.ndarray, pointing: float, energy: float) -> None:
    found = localise(heat[None], MASK[None])
    assert found is not None
    assert (found.images, found.pointing_game) == (1, pointing)
    assert found.chance == pytest.approx(0.2)
    assert found.energy_inside == pytest.approx(energy)


def test_random_heat_scores_chance(rng: np.random.Generator) -> None:
    found = localise(rng.random((4000, 10, 10)), np.stack([MASK] * 4000))
    assert found is not None
    assert found.pointing_game == pytest.approx(found.chance, abs=0.03)
    assert found.energy_inside == pytest.approx(found.chance, abs=0.01)


def test_images_without_a_lesion_do_not_count() -> None:
    assert localise(np.ones((1, 10, 10)), np.zeros((1, 10, 10), dtype=bool)) is None
    found = localise(np.ones((2, 10, 10)), np.stack([MASK, ~(MASK | True)]))
    assert found is not None
    assert found.images == 1
