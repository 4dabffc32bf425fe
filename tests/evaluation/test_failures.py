"""Parts of a test set, its most confident errors, and its patients."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from medtransfer.evaluation.failures import by_patient, confident_errors, part, quarters

PREDICTIONS = pd.DataFrame(
    [
        ("a", "x", "x", 0.99, 0.01, 0.0),
        ("b", "x", "y", 0.2, 0.7, 0.1),
        ("c", "z", "y", 0.0, 0.9, 0.1),
        ("d", "y", "z", 0.3, 0.1, 0.6),
        ("e", "z", "x", 0.7, 0.0, 0.3),
    ],
    columns=["id", "actual", "predicted", "x", "y", "z"],
    index=[7, 8, 9, 7, 8],
)


@given(st.lists(st.floats(-1e3, 1e3, width=16), min_size=4, max_size=60, unique=True).filter(lambda v: len(v) % 4 == 0))
@settings(max_examples=25)
def test_quarters_are_those_of_pandas(values: list[float]) -> None:
    """Where four quarters of one size can be made."""
    array = np.array(values)
    expected = pd.qcut(pd.Series(array), 4, labels=False).to_numpy()
    parts = list(quarters(array))
    assert len(parts) == 4
    for number, (low, high, mask) in enumerate(parts):
        assert_array_equal(mask, expected == number)
        assert (low, high) == (array[mask].min(), array[mask].max())


def test_equal_values_stay_together_and_unknown_ones_out() -> None:
    values = np.array([0, 0, 0, 0, 0, 0, 1, np.nan])
    assert [(low, high, mask.tolist()) for low, high, mask in quarters(values)] == [
        (0, 0, [True] * 6 + [False] * 2),
        (1, 1, [False] * 6 + [True, False]),
    ]
    assert next(mask.tolist() for *_, mask in quarters(1 - values)) == [False] * 6 + [True, False]
    assert not list(quarters(np.full(3, np.nan)))
    assert [mask.all() for *_, mask in quarters(np.ones(5))] == [True]


def test_a_part_of_few_groups_never_differs() -> None:
    right, everything = np.zeros(40, bool), np.ones(40, bool)
    small = part("few", right, np.repeat(np.arange(9), 5)[:40], everything)
    large = part("many", right, np.repeat(np.arange(10), 4), everything)
    assert (small.images, small.groups, large.groups) == (40, 8, 10)
    assert (small.differs_from(0.9), large.differs_from(0.9), large.differs_from(0.1)) == (False, True, False)


def test_errors_come_by_confidence_with_their_rows() -> None:
    errors = confident_errors(PREDICTIONS, ["x", "y", "z"], 3)
    assert errors["id"].tolist() == ["c", "b", "e"]
    assert errors.index.tolist() == [2, 1, 4]
    assert errors["confidence"].tolist() == [0.9, 0.7, 0.7]
    assert errors["actual_probability"].tolist() == [0.1, 0.2, 0.3]
    assert confident_errors(PREDICTIONS.head(1), ["x", "y", "z"], 3).empty


def test_the_worst_patients_come_first() -> None:
    right = np.array([True, False, True, False, False, True, False])
    patients = by_patient(right, ["q", "q", "p", "r", "s", "q", "s"])
    assert patients.to_numpy().tolist() == [["s", 2, 2, 0.0], ["r", 1, 1, 0.0], ["q", 3, 1, 2 / 3], ["p", 1, 0, 1.0]]
