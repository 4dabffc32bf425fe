"""A fold trained is a function of its arguments: no memory of other folds, no look at other rows."""

import numpy as np
import pytest
from sklearn import metrics

from medtransfer.errors import UserError
from medtransfer.evaluation.metrics import softmax
from medtransfer.models.build import build, head_of
from medtransfer.schema.models import Training
from medtransfer.training.fit import HISTORY_COLUMNS, TrainedFold, compile_network, train_fold
from tests.conftest import tiny_recipe

RECIPE = tiny_recipe("simple_cnn")
TRAINING = RECIPE.training.model_copy(update={"epochs": 3})
SHAPE = (24, 24, 1)


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that differ in brightness."""
    labels = np.arange(40) % 2
    images = rng.integers(0, 100, (40, *SHAPE)) + 100 * labels[:, None, None, None]
    return images.astype(np.uint8), labels


def trained(
    data: tuple[np.ndarray, np.ndarray], folds: list[slice], training: Training = TRAINING, scramble: bool = False
) -> TrainedFold:
    """The result of the last of some folds, trained after the others."""
    images, labels = data
    network = build(RECIPE, SHAPE, 2, seed=0)
    start = compile_network(network, training)
    for fold in folds:
        validation = np.arange(40)[fold]
        train = np.setdiff1d(np.arange(32), validation)
        if scramble:
            unseen = np.setdiff1d(np.arange(40), np.concatenate([train, validation]))
            images, labels = images.copy(), labels.copy()
            images[unseen], labels[unseen] = 255 - images[unseen], 1 - labels[unseen]
        result = train_fold(network, start, images, labels, train, validation, training, seed=1, name="test")
    return result


def test_history_has_a_row_per_epoch(data: tuple[np.ndarray, np.ndarray]) -> None:
    result = trained(data, [slice(0, 8)])
    assert result.history.columns.tolist() == HISTORY_COLUMNS
    assert result.history["epoch"].tolist() == [1, 2, 3]
    assert result.validation_logits.shape == (8, 2)


def test_validation_scores_are_those_of_the_logits(data: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = (np.concatenate([part] * 4) for part in data)  # more than one batch of unequal sizes
    network = build(RECIPE, SHAPE, 2, seed=0)
    start = compile_network(network, TRAINING)
    validation = np.arange(70, 160)
    result = train_fold(network, start, images, labels, np.arange(70), validation, TRAINING, 0, "test")
    logits, truth = result.validation_logits, labels[validation]
    last = result.history.iloc[-1]
    assert last["val_accuracy"] == pytest.approx((logits.argmax(axis=1) == truth).mean())
    assert last["val_loss"] == pytest.approx(metrics.log_loss(truth, softmax(logits)), rel=1e-4)


def test_learns(data: tuple[np.ndarray, np.ndarray]) -> None:
    result = trained(data, [slice(0, 8)], TRAINING.model_copy(update={"epochs": 20, "learning_rate": 1e-2}))
    assert result.history["loss"].iloc[-1] < 0.5 * result.history["loss"].iloc[0]


def test_fold_forgets_the_folds_before_it(data: tuple[np.ndarray, np.ndarray]) -> None:
    alone = trained(data, [slice(8, 16)])
    after = trained(data, [slice(0, 8), slice(8, 16)])
    np.testing.assert_array_equal(alone.validation_logits, after.validation_logits)
    assert alone.history.equals(after.history)


def test_held_out_rows_are_never_read(data: tuple[np.ndarray, np.ndarray]) -> None:
    """Rows 32 to 39 are the test set: other images and labels there change no bit."""
    one, two = trained(data, [slice(0, 8)]), trained(data, [slice(0, 8)], scramble=True)
    np.testing.assert_array_equal(one.validation_logits, two.validation_logits)


def test_graph_is_compiled_once_for_all_folds(data: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = data
    network = build(RECIPE, SHAPE, 2, seed=0)
    start = compile_network(network, TRAINING)
    functions = []
    for fold in (slice(0, 8), slice(8, 16)):
        validation = np.arange(40)[fold]
        train_fold(
            network, start, images, labels, np.setdiff1d(np.arange(32), validation), validation, TRAINING, 1, "t"
        )
        functions.append(network.train_function)
    assert functions[0] is functions[1]


def test_frozen_recipe_trains_its_head_alone(data: tuple[np.ndarray, np.ndarray]) -> None:
    recipe = tiny_recipe("mobilenetv2", "none", alpha=0.35)
    model = build(recipe, (32, 32, 1), 2, seed=0)
    before = [weights.copy() for weights in model.get_weights()]
    head = head_of(model)
    start = compile_network(head, recipe.training)
    features = np.random.default_rng(0).random((40, 1280)).astype(np.float32)
    train_fold(head, start, features, data[1], np.arange(32), np.arange(32, 40), recipe.training, 0, "test")
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert not any(changed[: -len(head.get_weights())])
    assert any(changed[-len(head.get_weights()) :])


def test_diverging_training_stops_with_a_sentence(data: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(UserError, match=r"test: the loss is (nan|inf) in epoch \d.*lower learning_rate \(now 1e\+30\)"):
        trained(data, [slice(0, 8)], TRAINING.model_copy(update={"learning_rate": 1e30}))
