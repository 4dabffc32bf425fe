"""Which view of a row an epoch sees, the plain image among them; validation sees the plain image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.training.feature_views import count_views, drawn, flat, plain_rows, training_rows


@given(st.integers(0, 2**31), st.integers(1, 100), st.integers(1, 8), st.integers(1, 50))
def test_view_of_a_row_depends_on_no_other_row(seed: int, epoch: int, views: int, count: int) -> None:
    rows = np.random.default_rng(seed).permutation(1000)[:count]
    together = drawn(rows, views, seed, epoch)
    assert together.min() >= 0
    assert together.max() <= views
    assert together.tolist() == [drawn(rows[i : i + 1], views, seed, epoch)[0] for i in range(count)]


@pytest.mark.parametrize("views", [2, 3, 4])
def test_each_view_and_the_plain_image_are_drawn_as_often_over_rows_and_over_epochs(views: int) -> None:
    """Six standard deviations of a binomial count allowed."""
    rows, pictures = np.arange(6000), 1 + views
    slack = 6 * np.sqrt(6000 / pictures * (1 - 1 / pictures))
    over_epochs = np.array([drawn(rows[7:8], views, 0, epoch)[0] for epoch in range(6000)])
    for sample in (drawn(rows, views, 0, 1), over_epochs):
        assert np.abs(np.bincount(sample, minlength=pictures) - 6000 / pictures).max() < slack


def test_other_seeds_and_epochs_draw_other_views() -> None:
    rows = np.arange(200)
    assert drawn(rows, 4, 1, 1).tolist() == drawn(rows, 4, 1, 1).tolist()
    assert drawn(rows, 4, 1, 1).tolist() != drawn(rows, 4, 1, 2).tolist()
    assert drawn(rows, 4, 1, 1).tolist() != drawn(rows, 4, 2, 1).tolist()


def test_flat_array_holds_plain_rows_and_views_where_they_are_said_to_be() -> None:
    inputs = np.arange(5 * 3 * 2).reshape(5, 3, 2)  # five rows, two views, two features
    rows = np.array([4, 1])
    views = count_views(inputs, rank=2)
    assert views == 2
    np.testing.assert_array_equal(flat(inputs, views)[plain_rows(rows, views)], inputs[rows, 0])
    read = flat(inputs, views)[training_rows(rows, views)]
    np.testing.assert_array_equal(read.reshape(2, 3, 2), inputs[rows], "a row's views together")


def test_without_views_a_row_is_a_row() -> None:
    inputs, rows = np.zeros((5, 2)), np.array([4, 1])
    assert count_views(inputs, rank=2) == 0
    assert flat(inputs, 0) is inputs
    assert plain_rows(rows, 0).tolist() == training_rows(rows, 0).tolist() == [4, 1]
    assert drawn(rows, 0, 1, 1).tolist() == [0, 0]
