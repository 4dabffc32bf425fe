"""What compare hands on of all pairs: ranked by what is compared, and without p where groups are too few for it."""

import numpy as np
import pytest

from medtransfer.comparison.rows import HeldOut
from medtransfer.comparison.summary import ENOUGH_GROUPS, HeldOutResults, Scored, summarise


def compared(groups: int) -> HeldOutResults:
    """Two models on 40 images; b is right on eight that a gets wrong, in as many groups as there are."""
    rng, actual, ids = np.random.default_rng(0), np.arange(40) % 2, np.arange(40)
    models = {}
    for name, wrong in (("a", 12), ("b", 4)):
        predicted = np.where(ids < 40 - wrong, actual, 1 - actual)
        images = HeldOut(ids, actual, predicted, np.eye(2)[predicted] * 0.8 + 0.1)
        resampled = {"accuracy": 1 - wrong / 40 + 0.01 * rng.normal(size=200), "f1": np.full(200, 0.5)}
        models[name] = Scored(images, {"accuracy": 1 - wrong / 40, "f1": 0.5}, resampled)
    return summarise(models, ids % groups, [1], None, {"a": [0.5], "b": [0.6]})


def test_accuracy_is_that_of_the_compared_predictions() -> None:
    assert compared(40).accuracy == {"a": pytest.approx(0.7), "b": pytest.approx(0.9)}


@pytest.mark.parametrize(("groups", "has_p"), [(ENOUGH_GROUPS, True), (ENOUGH_GROUPS - 1, False)])
def test_few_groups_have_an_interval_and_no_p(groups: int, has_p: bool) -> None:
    accuracy = compared(groups).differences[0]
    assert accuracy.interval is not None
    assert (accuracy.p is not None) == (accuracy.holm_p is not None) == has_p


def test_difference_that_never_varies_has_no_interval() -> None:
    same = compared(40).differences[1]
    assert (same.metric, same.difference, same.interval) == ("f1", 0.0, None)
