"""Effect sizes: intervals by a published case and by coverage."""

import numpy as np
import pytest

from medtransfer.comparison.effects import accuracy_difference, standardised_difference
from medtransfer.comparison.folds import PairedScores


def test_bonett_and_prices_published_case() -> None:
    """Fagerland, Lydersen and Laake (2014): 21 children, discordant 1 and 7; p is the mid-p of their paper of 2013."""
    a = np.repeat([True, False, True], [1, 7, 13])
    b = np.repeat([False, True, True], [1, 7, 13])
    result = accuracy_difference(a, b, np.arange(21))
    difference = result.difference
    assert (difference.value, difference.low, difference.high) == pytest.approx((-0.286, -0.508, -0.013), abs=5e-4)
    assert result.p == pytest.approx(0.0391, abs=5e-5)


def test_alike_images_widen_the_interval_as_if_each_group_were_one_image() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random(60) < 0.9, rng.random(60) < 0.7
    alone = accuracy_difference(a, b, np.arange(60))
    copied = accuracy_difference(np.repeat(a, 5), np.repeat(b, 5), np.repeat(np.arange(60), 5))
    assert copied.difference.value == alone.difference.value
    widths = [each.difference.high - each.difference.low for each in (alone, copied)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    assert copied.p == pytest.approx(alone.p)
    assert (copied.images, copied.groups) == (300, 60)
    assert "by groups" in copied.method


def test_models_right_on_the_same_images_have_an_interval_still() -> None:
    right, groups = np.ones(40, dtype=bool), np.repeat(np.arange(10), 4)
    result = accuracy_difference(right, right, groups)
    assert (result.difference.value, result.p) == (0, 1)
    assert result.difference.low < -0.2
    assert result.difference.high == -result.difference.low


def test_standardised_difference_covers() -> None:
    rng, covered = np.random.default_rng(0), 0
    for each in rng.normal(0.8, 1, (600, 5)):
        effect = standardised_difference(PairedScores(each, np.zeros(5)))
        assert effect is not None
        assert effect.low < effect.d < effect.high
        covered += effect.low < 0.8 < effect.high
    assert covered / 600 == pytest.approx(0.95, abs=0.02)


def test_folds_that_differ_equally_have_no_effect_size() -> None:
    assert standardised_difference(PairedScores(np.array([0.9, 0.8]), np.array([0.8, 0.7]))) is None
