"""The target condition is the positive class, or every class but the healthy one."""

import numpy as np
import pytest

from medtransfer.evaluation.condition import Condition, condition_of
from medtransfer.settings.errors import UserError

PROBABILITIES = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]])


def test_positive_class_is_against_the_rest() -> None:
    condition = condition_of(positive=1, healthy=0)
    assert condition is not None
    np.testing.assert_allclose(condition.score(PROBABILITIES), [0.3, 0.2])
    np.testing.assert_array_equal(condition.present(np.array([0, 1, 2])), [False, True, False])


def test_every_disease_is_against_the_healthy_class() -> None:
    condition = condition_of(positive=None, healthy=0)
    assert condition is not None
    np.testing.assert_allclose(condition.score(PROBABILITIES), [0.8, 0.3])
    np.testing.assert_array_equal(condition.present(np.array([0, 1, 2])), [False, True, True])


def test_set_without_either_has_none() -> None:
    assert condition_of(None, None) is None


@pytest.mark.parametrize(("actual", "message"), [([1, 1], "every image"), ([0, 0], "no image")])
def test_one_side_alone_is_refused(actual: list[int], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Condition(1, healthy=False).present(np.array(actual))
