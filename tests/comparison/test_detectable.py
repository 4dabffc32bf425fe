"""The difference that could have been seen, by simulating how often it is."""

import numpy as np
import pytest
from scipy import stats

from medtransfer.comparison.detectable import detectable_on_images, detectable_over_folds
from medtransfer.comparison.folds import PairedScores

FOLDS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])  # differences


@pytest.mark.parametrize("corrected", [False, True])
def test_difference_over_folds_is_seen_in_80_of_100(corrected: bool) -> None:
    rng, share = np.random.default_rng(0), 0.2 if corrected else 0.0  # of test images: the folds' correlation
    scores = PairedScores(FOLDS, np.zeros(5))
    difference = detectable_over_folds(scores, corrected).difference
    assert difference is not None
    # The deviation within a repetition is what a test sees; the correlation adds what all folds share.
    spread = scores.deviation / (1 - share) ** 0.5
    noise = share**0.5 * rng.normal(size=(20_000, 1)) + (1 - share) ** 0.5 * rng.normal(size=(20_000, 5))
    drawn = difference + spread * noise
    error = drawn.std(axis=1, ddof=1) * (1 / 5 + (1 / 4 if corrected else 0)) ** 0.5
    assert (drawn.mean(axis=1) / error > stats.t.ppf(0.975, 4)).mean() == pytest.approx(0.8, abs=0.01)


def test_equal_differences_have_no_spread_to_go_by() -> None:
    assert detectable_over_folds(PairedScores(FOLDS, FOLDS)).difference is None


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_difference_on_images_is_seen_in_80_of_100(level: float) -> None:
    rng = np.random.default_rng(0)
    a, b = np.arange(400) < 40, (np.arange(400) >= 40) & (np.arange(400) < 80)  # a fifth is discordant
    difference = detectable_on_images(a, b, np.arange(400), level).difference
    assert difference is not None
    drawn = rng.multinomial(400, [(0.2 + difference) / 2, (0.2 - difference) / 2, 0.8], 20_000)
    z = (drawn[:, 0] - drawn[:, 1]) / np.sqrt(drawn[:, 0] + drawn[:, 1])
    assert (z > stats.norm.ppf(1 - level / 2)).mean() == pytest.approx(0.8, abs=0.02)


def test_copies_of_images_see_nothing_more() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random(200) < 0.8, rng.random(200) < 0.8
    alone = detectable_on_images(a, b, np.arange(200))
    copied = detectable_on_images(np.repeat(a, 6), np.repeat(b, 6), np.repeat(np.arange(200), 6))
    assert copied.difference == pytest.approx(alone.difference, rel=5e-3)  # of 199 and 1,199 degrees of freedom
    assert "1200 images over a design effect of 6.0" in copied.approximation


@pytest.mark.parametrize("discordant", [0, 3])
def test_few_discordant_images_see_nothing(discordant: int) -> None:
    detectable = detectable_on_images(np.arange(50) < discordant, np.zeros(50, dtype=bool), np.arange(50))
    assert detectable.difference is None
    assert "no difference could be seen" in detectable.approximation
