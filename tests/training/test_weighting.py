"""Class weights against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from medtransfer.training.weighting import class_weights


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_balanced_is_scikit_learns(drawn: list[int]) -> None:
    labels = np.array(drawn)
    present = np.unique(labels)
    weights = class_weights(labels, 5, "balanced")
    assert weights[present] == pytest.approx(compute_class_weight("balanced", classes=present, y=labels))
    assert weights[labels].mean() == pytest.approx(1)
    assert not np.delete(weights, present).any(), "a class without images"


def test_each_class_counts_the_same() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2])
    weights = class_weights(labels, 3, "balanced")
    assert weights.dtype == np.float32
    assert np.bincount(labels, weights[labels]) == pytest.approx([10 / 3] * 3)


def test_none_changes_nothing() -> None:
    assert class_weights(np.array([0, 0, 2]), 3, "none").tolist() == [1, 1, 1]


def test_no_images_no_weight() -> None:
    assert class_weights(np.array([], int), 2, "balanced").tolist() == [0, 0]
