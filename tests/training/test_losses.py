"""Losses against formulas written out in NumPy and SciPy, and what they are for."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import special

from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Loss
from medtransfer.training.losses import build_loss, cost_matrix

KINDS = ("cross_entropy", "focal", "expected_cost")
HEALTHY, MISSED = 1, 5.0


@st.composite
def batches(draw: st.DrawFn) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Labels (N), logits (N x K) and weights (N)."""
    n, k = draw(st.integers(1, 8)), draw(st.integers(2, 5))
    labels = draw(arrays.arrays(np.intp, n, elements=st.integers(0, k - 1)))
    logits = draw(arrays.arrays(np.float32, (n, k), elements=st.floats(-20, 20, width=32)))
    return labels, logits, draw(arrays.arrays(np.float32, n, elements=st.floats(0, 4, width=32)))


def of_each(kind: str, labels: NDArray[np.intp], logits: NDArray[np.float32], gamma: float) -> NDArray[np.float64]:
    """The formulas, image by image."""
    losses = []
    for label, row in zip(labels, special.softmax(logits.astype(np.float64), axis=1), strict=True):
        loss = -np.log(row[label])
        if kind == "focal":
            loss *= (1 - row[label]) ** gamma
        if kind == "expected_cost":
            for k, p in enumerate(row):
                if k != label:
                    loss += p * (MISSED if k == HEALTHY else 1)
        losses.append(loss)
    return np.array(losses)


def gradient(loss: keras.losses.Loss, labels: NDArray[np.intp], logits: Any) -> NDArray:  # noqa: ANN401
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(labels, logits)
    return tape.gradient(value, logits).numpy()


@pytest.mark.parametrize("kind", KINDS)
@given(batch=batches(), gamma=st.floats(0, 5))
def test_is_the_formula_averaged_with_weights(
    kind: str, batch: tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]], gamma: float
) -> None:
    labels, logits, weights = batch
    loss = build_loss(Loss(kind=kind, gamma=gamma, missed=MISSED), logits.shape[1], HEALTHY)  # type: ignore[arg-type]
    expected = of_each(kind, labels, logits, gamma)
    assert float(loss(labels, logits)) == pytest.approx(expected.mean(), rel=1e-4, abs=1e-6)
    weighted = float(loss(labels, logits, sample_weight=weights))
    assert weighted == pytest.approx((expected * weights).mean(), rel=1e-4, abs=1e-6)


@given(batches())
def test_focal_without_focus_is_cross_entropy(
    batch: tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]],
) -> None:
    labels, logits, _ = batch
    plain, focal = build_loss(Loss(), logits.shape[1], None), build_loss(Loss(kind="focal", gamma=0), 0, None)
    assert float(focal(labels, logits)) == pytest.approx(float(plain(labels, logits)), rel=1e-5, abs=1e-6)


def test_focal_cares_less_for_what_is_known() -> None:
    easy, hard = np.array([[3.0, 0.0]]), np.array([[0.0, 3.0]])
    label = np.array([0])
    plain, focal = build_loss(Loss(), 2, None), build_loss(Loss(kind="focal"), 2, None)
    assert float(focal(label, easy)) / float(plain(label, easy)) < 0.01
    assert float(focal(label, hard)) / float(plain(label, hard)) > 0.9


def test_costs_are_a_row_per_actual_class() -> None:
    assert cost_matrix(3, 1, 5).tolist() == [[0, 5, 1], [1, 0, 1], [1, 5, 0]]


@given(st.floats(-10, 10))
def test_a_missed_tumour_costs_more_than_a_false_alarm(sure: float) -> None:
    loss = build_loss(Loss(kind="expected_cost", missed=MISSED), 2, 0)
    missed = float(loss(np.array([1]), np.array([[sure, 0.0]])))  # ill, and healthy by `sure`
    false_alarm = float(loss(np.array([0]), np.array([[0.0, sure]])))
    assert missed > false_alarm
    # The two have the same cross-entropy, so what differs is the expected cost.
    assert missed - false_alarm == pytest.approx((MISSED - 1) * special.expit(sure), rel=1e-3, abs=1e-5)


def test_between_tumours_no_mistake_is_dearer() -> None:
    loss = build_loss(Loss(kind="expected_cost", missed=MISSED), 3, 0)
    confused = [float(loss(np.array([a]), np.eye(3)[[b]] * 4)) for a, b in [(1, 2), (2, 1), (0, 1), (0, 2)]]
    # A little of the probability falls on the healthy class, dear for images of tumours alone.
    assert confused == pytest.approx([confused[0]] * 4, rel=0.02)
    assert float(loss(np.array([1]), np.eye(3)[[0]] * 4)) > confused[0] + 3


@pytest.mark.parametrize("scale", [1.0, 1e2, 1e4, 1e30])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_finite(kind: str, gamma: float, scale: float) -> None:
    tf = pytest.importorskip("tensorflow")
    loss = build_loss(Loss(kind=kind, gamma=gamma), 3, HEALTHY)  # type: ignore[arg-type]
    logits = tf.constant(np.array([[1, 0, -1], [-1, 1, 0], [0, 0, 0], [1, -1, 1]]) * scale, tf.float32)
    gradients = gradient(loss, np.array([0, 0, 1, 1]), logits)
    assert np.isfinite(gradients).all()
    assert np.abs(gradients[1]).max() > 0, "a wrong answer teaches, however sure it is"


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_logits_are_computed_in_full(kind: str) -> None:
    logits = keras.ops.cast(np.array([[2.5, -1.25, 0.5]], np.float32), "bfloat16")  # all of them bfloat16 numbers
    loss = build_loss(Loss(kind=kind), 3, HEALTHY)  # type: ignore[arg-type]
    mean_loss = loss(np.array([2]), logits)
    assert keras.backend.standardize_dtype(mean_loss.dtype) == "float32"
    assert float(mean_loss) == float(loss(np.array([2]), np.array([[2.5, -1.25, 0.5]], np.float32)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_trains_on_it(kind: str, rng: np.random.Generator) -> None:
    keras.utils.set_random_seed(0)
    features = rng.normal(size=(64, 4)).astype(np.float32)
    labels = features[:, :3].argmax(axis=1)
    network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    loss = build_loss(Loss(kind=kind), 3, HEALTHY)  # type: ignore[arg-type]
    network.compile("adam", loss=loss)
    network.optimizer.learning_rate = 0.05
    weights = np.ones(64, np.float32)
    steps = [float(network.train_on_batch(features, labels, sample_weight=weights)) for _ in range(40)]
    assert steps[-1] < 0.5 * steps[0]


def test_the_healthy_class_must_be_known() -> None:
    with pytest.raises(UserError, match=r"expected_cost .*healthy: CLASS"):
        build_loss(Loss(kind="expected_cost"), 3, None)
