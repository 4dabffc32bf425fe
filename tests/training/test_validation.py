"""Validation scores against scikit-learn's, and the penalty in the loss."""

import keras
import numpy as np
import pytest
from sklearn import metrics

from medtransfer.models.predict import predict, softmax
from medtransfer.training.validation import classification_scores

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(l2: float = 0.0) -> keras.Model:
    keras.utils.set_random_seed(0)
    features = keras.Input((5,))
    return keras.Model(features, keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(l2))(features))


def test_scores_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    logits, labels = rng.normal(size=(50, 3)).astype(np.float32), rng.integers(0, 3, 50)
    predicted = logits.argmax(axis=1)
    scores = classification_scores(network(), LOSS, labels, logits, None)
    assert scores["val_loss"] == pytest.approx(metrics.log_loss(labels, softmax(logits)), rel=1e-5)
    assert scores["val_accuracy"] == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert scores["val_f1"] == pytest.approx(metrics.f1_score(labels, predicted, average="macro"))
    one = classification_scores(network(), LOSS, labels, logits, 2)["val_f1"]
    assert one == pytest.approx(metrics.f1_score(labels == 2, predicted == 2))


def test_class_that_neither_is_nor_is_predicted_has_no_f1(rng: np.random.Generator) -> None:
    labels = np.array([0, 1, 0, 1])
    logits = np.eye(3, dtype=np.float32)[labels]
    assert classification_scores(network(), LOSS, labels, logits, 2)["val_f1"] == 0
    assert classification_scores(network(), LOSS, labels, logits, None)["val_f1"] == pytest.approx(2 / 3)


def test_loss_has_the_penalty_in_it_as_keras_evaluates(rng: np.random.Generator) -> None:
    model = network(l2=0.1)
    inputs, labels = rng.random((30, 5)).astype(np.float32), rng.integers(0, 3, 30)
    model.compile(loss=LOSS)
    scores = classification_scores(model, LOSS, labels, predict(model, inputs, np.arange(30), 8), None)
    assert scores["val_loss"] == pytest.approx(model.evaluate(inputs, labels, verbose=0), rel=1e-5)


def test_prediction_follows_the_rows_asked_for(rng: np.random.Generator) -> None:
    model = network()
    inputs = rng.random((3000, 5)).astype(np.float32)
    rows = rng.permutation(3000)[:2500]
    np.testing.assert_allclose(predict(model, inputs, rows, 64), model.predict(inputs[rows], verbose=0), rtol=1e-5)
