"""Predictions drawn at random, for tests of what is computed from them."""

import numpy as np
from hypothesis import strategies as st

from medtransfer.evaluation.predictions import Predictions


@st.composite
def predictions(draw: st.DrawFn) -> Predictions:
    """Every class has an image; probabilities with ties, zeros and ones, a predicted class of any rule, any costs."""
    classes = draw(st.integers(2, 4))
    codes = st.integers(0, classes - 1)
    actual = [*range(classes), *draw(st.lists(codes, max_size=30))]
    row = st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any)
    weights = np.array(draw(st.lists(row, min_size=len(actual), max_size=len(actual))), dtype=float)
    another = st.lists(codes, min_size=len(actual), max_size=len(actual))
    predicted = draw(st.none() | another)
    costs = np.array(draw(st.lists(st.integers(0, 9), min_size=classes**2, max_size=classes**2)))
    return Predictions.of(
        np.array(actual), weights / weights.sum(axis=1, keepdims=True), predicted, costs.reshape(classes, classes)
    )
