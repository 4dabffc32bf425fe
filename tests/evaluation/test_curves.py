"""ROC points and areas against scikit-learn's, ties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from medtransfer.evaluation.curves import roc_auc, roc_points

SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60).filter(
    lambda drawn: len({positive for positive, _ in drawn}) == 2
)


@given(SCORES)
def test_curve_and_area_are_those_of_scikit_learn(drawn: list[tuple[bool, int]]) -> None:
    positive, score = np.array([p for p, _ in drawn]), np.array([s / 9 for _, s in drawn])
    false, true = roc_points(positive, score)
    expected_false, expected_true, _ = reference.roc_curve(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(false, expected_false)
    np.testing.assert_allclose(true, expected_true)
    assert roc_auc(positive, score) == pytest.approx(reference.roc_auc_score(positive, score))


def test_one_class_alone_has_no_curve() -> None:
    with pytest.raises(ValueError, match="both positives and negatives"):
        roc_points(np.array([True, True]), np.array([0.1, 0.2]))
