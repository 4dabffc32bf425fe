"""Logits as probabilities."""

import numpy as np

from medtransfer.models.predict import softmax


def test_softmax_does_not_overflow() -> None:
    expected = np.array([[1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0], [0.0, 0.0]], np.float32)), expected)
