"""Accuracy has the interval of a proportion: by images, or by groups where these hold several."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from medtransfer.evaluation.accuracy import accuracy


def test_wilson_where_each_group_holds_one_image() -> None:
    interval = accuracy(np.arange(51) < 49, np.arange(51))
    assert (interval.low, interval.high) == pytest.approx(proportion_confint(49, 51, method="wilson"))
    assert interval.value == 49 / 51


def test_alike_images_of_a_patient_count_as_one() -> None:
    patients = np.arange(40) < 30
    by_patient = accuracy(patients, np.arange(40))
    by_image = accuracy(np.repeat(patients, 12), np.repeat(np.arange(40), 12))
    assert by_image.value == by_patient.value
    assert by_image.high - by_image.low == pytest.approx(by_patient.high - by_patient.low, rel=0.1)


@pytest.mark.parametrize("right", [[True] * 6, [True, False] * 3])
def test_groups_that_are_all_alike_do_not_make_certain(right: list[bool]) -> None:
    interval = accuracy(np.array(right), np.repeat(np.arange(3), 2))
    assert interval.low < interval.value - 0.2


def test_no_image_has_no_accuracy() -> None:
    with pytest.raises(ValueError, match="no "):
        accuracy(np.zeros(0, bool), np.zeros(0))
