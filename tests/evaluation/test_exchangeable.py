"""The quantile holds for an image of a new group, on average over the groups that it was taken from."""

import numpy as np
import pytest

from medtransfer.evaluation.exchangeable import groups_needed, quantile_of_groups


@pytest.mark.parametrize(("level", "groups"), [(0.5, 1), (0.9, 9), (0.95, 19), (0.99, 99), (0.8, 4), (0.91, 11)])
def test_fewest_groups_are_those_that_have_a_quantile(level: float, groups: int) -> None:
    assert groups_needed(level) == groups
    scores = np.arange(float(groups))
    assert quantile_of_groups(scores, np.arange(groups), level) == scores[-1]
    assert quantile_of_groups(scores[1:], np.arange(groups - 1), level) is None


def test_single_images_have_the_order_statistic_of_split_conformal_prediction(rng: np.random.Generator) -> None:
    scores = rng.permutation(100) + 1.0
    assert quantile_of_groups(scores, np.arange(100), 0.9) == 91  # ceil(101 * 0.9)
    assert quantile_of_groups(scores[scores <= 99], np.arange(99), 0.9) == 90
    assert quantile_of_groups(scores[scores <= 99], np.arange(99), 0.55) == 55  # though 100 * 0.55 > 55 in binary


def test_copies_change_nothing(rng: np.random.Generator) -> None:
    scores = rng.normal(size=25)
    copied = np.repeat(scores, rng.integers(1, 9, size=25))
    alone = quantile_of_groups(scores, np.arange(25), 0.9)
    assert quantile_of_groups(copied, np.unique(copied, return_inverse=True)[1], 0.9) == alone


def test_new_group_stays_below_as_often_as_stated(rng: np.random.Generator) -> None:
    """Large groups score higher: a quantile that counts images would be too high, one of few groups too low."""
    below, repeats, groups = [], 1500, 15
    for _ in range(repeats):
        sizes = rng.choice([1, 20], size=groups + 1)
        centres = rng.normal(size=groups + 1) + (sizes > 1)
        code = np.repeat(np.arange(groups), sizes[:-1])
        quantile = quantile_of_groups(centres[code] + 0.1 * rng.normal(size=len(code)), code, 0.8)
        assert quantile is not None
        below.append(centres[-1] + 0.1 * rng.normal() <= quantile)
    error = np.sqrt(0.8 * 0.2 / repeats)
    assert 0.8 - 3 * error < np.mean(below) < 0.8 + 1 / (groups + 1) + 3 * error
