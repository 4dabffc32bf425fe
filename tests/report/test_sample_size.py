"""Intervals of an accuracy by the size of a test set alone."""

import pytest

from medtransfer.evaluation.shares import wilson
from medtransfer.report.sample_size import widths


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_interval_is_newcombes(right: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    interval = wilson(right, of)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert interval.value == right / of


def test_table_has_the_interval_of_whole_cases() -> None:
    """An accuracy of 95 % of 29 is 28 right: Newcombe's last case from its other end."""
    assert widths(29).iloc[2].tolist() == ["97%", "28 of 29", "83% to 99%", "17"]
    assert widths(100)["right"].tolist() == ["50 of 100", "80 of 100", "95 of 100"]


def test_single_case_has_a_table_too() -> None:
    assert len(widths(1)) == 3
