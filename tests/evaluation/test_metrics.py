"""Scores against scikit-learn's, on any predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from medtransfer.evaluation.metrics import class_rates, confusion_matrix, log_loss, scores, softmax

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=80)


@given(PAIRS)
def test_rates_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    actual, predicted = np.array(pairs).T
    confusion = confusion_matrix(actual, predicted, 4)
    np.testing.assert_array_equal(confusion, reference.confusion_matrix(actual, predicted, labels=range(4)))
    rates = class_rates(confusion)
    expected = reference.precision_recall_fscore_support(actual, predicted, labels=range(4), zero_division=0)
    for name, values in zip(("precision", "sensitivity", "f1"), expected, strict=False):
        np.testing.assert_allclose(rates[name], values)
    for label in range(4):
        specificity = reference.recall_score(actual != label, predicted != label, zero_division=0)
        np.testing.assert_allclose(rates["specificity"][label], specificity)


def test_leading_scores_are_the_positive_classs_or_the_mean(rng: np.random.Generator) -> None:
    actual = np.arange(60) % 3
    probabilities = softmax(rng.normal(size=(60, 3)) + 2 * np.eye(3)[actual])
    found = scores(actual, probabilities, positive=None)
    assert found["accuracy"] == reference.accuracy_score(actual, probabilities.argmax(axis=1))
    assert found["roc_auc"] == pytest.approx(reference.roc_auc_score(actual, probabilities, multi_class="ovr"))
    assert found["sensitivity"] == pytest.approx(
        reference.balanced_accuracy_score(actual, probabilities.argmax(axis=1))
    )
    leading = scores(actual, probabilities, positive=2)
    assert leading["sensitivity"] == leading["per_class"][2]["sensitivity"]  # type: ignore[index]
    assert leading["macro"] == found["macro"]


def test_loss_is_that_of_scikit_learn_and_finite_where_a_class_was_ruled_out(rng: np.random.Generator) -> None:
    actual, probabilities = np.arange(60) % 3, softmax(rng.normal(size=(60, 3)))
    assert scores(actual, probabilities, None)["loss"] == pytest.approx(reference.log_loss(actual, probabilities))
    certain = np.eye(3)[(actual + (actual == 2)) % 3]
    assert log_loss(actual, certain) == pytest.approx(reference.log_loss(actual, certain))


def test_softmax_does_not_overflow() -> None:
    expected = np.array([[1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0], [0.0, 0.0]])), expected)
