"""The drop of accuracy is paired image by image, and its interval draws groups."""

import numpy as np
import pytest

from medtransfer.evaluation.robustness import summarise, unperturbed


def test_drop_is_paired() -> None:
    """Half of the groups lose an image of two: the drop is told far more exactly than the difference of accuracies."""
    groups = np.repeat(np.arange(60), 2)
    plain = np.repeat(np.arange(60) % 3 > 0, 2)
    other = plain & ~(np.arange(120) % 12 == 2)
    same, worse = summarise(plain, {("noise", 5.0): plain, ("blur", 1.0): other}, groups)
    assert (same.drop.value, same.drop.low, same.drop.high) == (0, 0, 0)
    assert same.accuracy == unperturbed(plain, groups)
    lost = (plain & ~other).sum() / 120
    assert worse.drop.value == pytest.approx(lost)
    random = np.random.default_rng(1)
    by_group = (plain & ~other).reshape(60, 2).mean(axis=1)
    drawn = by_group[random.integers(0, 60, (4000, 60))].mean(axis=1)
    assert [worse.drop.low, worse.drop.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)
    assert worse.drop.high - worse.drop.low < (worse.accuracy.high - worse.accuracy.low) / 2
