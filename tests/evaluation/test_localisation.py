"""Saliency on, off and all over a lesion."""

import numpy as np
import pytest

from medtransfer.evaluation.localisation import localise, score

MASK = np.zeros((10, 10), dtype=bool)
MASK[:2] = True


@pytest.mark.parametrize(
    ("saliency", "pointing", "energy"),
    [(MASK * 1.0, 1, 1), (~MASK * 1.0, 0, 0), (np.ones((10, 10)), 0.2, 0.2), (np.zeros((10, 10)), 0, 0)],
    ids=["on", "off", "even", "nowhere"],
)
def test_scores(saliency: np.ndarray, pointing: float, energy: float) -> None:
    result = localise(saliency[None], MASK[None])
    assert result.pointing_game == pytest.approx(pointing)
    assert result.chance == pytest.approx(0.2)
    assert result.energy_inside == pytest.approx(energy)


def test_random_maps_score_chance(rng: np.random.Generator) -> None:
    result = localise(rng.random((4000, 10, 10)), np.stack([MASK] * 4000))
    assert result.pointing_game.mean() == pytest.approx(result.chance.mean(), abs=0.03)
    assert result.energy_inside.mean() == pytest.approx(result.chance.mean(), abs=0.01)


def test_scores_of_a_map_are_means_over_images_with_intervals_over_groups() -> None:
    """Two of a group that point at the lesion, one of another that does not."""
    maps = np.stack([MASK, MASK, ~MASK]).astype(float)
    scores = score("m", "M", (5, 5), maps, np.stack([MASK] * 3), ["a", "a", "b"])
    assert (scores.method, scores.title, scores.map, scores.images, scores.groups) == ("m", "M", (5, 5), 3, 2)
    assert (scores.pointing_game, scores.chance) == pytest.approx((2 / 3, 0.2))
    above = scores.pointing_above_chance
    assert above is not None
    assert (above.value, above.low, above.high) == pytest.approx((2 / 3 - 0.2, -0.2, 0.8))


def test_maps_of_no_image_with_a_lesion_have_no_scores() -> None:
    none = score("m", "M", (5, 5), np.ones((0, 10, 10)), np.ones((0, 10, 10), bool), [])
    assert (none.images, none.pointing_game, none.pointing_above_chance) == (0, None, None)
