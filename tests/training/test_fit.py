"""A fold trained is a function of its arguments: no memory of other folds, no look at other rows."""

from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn import metrics

from medtransfer.models.build import build, head_of
from medtransfer.models.predict import softmax
from medtransfer.settings.augmentation import Augmentation
from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Loss, Plateau, Recipe, Training
from medtransfer.training.compiled import HISTORY_COLUMNS, Task, compile_classifier
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from tests.conftest import tiny_recipe
from tests.eager import eager
from tests.training.compiling import SHAPE, compiled_for

RECIPE = tiny_recipe("simple_cnn")
STILL = RECIPE.model_copy(update={"head": RECIPE.head.model_copy(update={"normalise_features": False})})
TRAINING = RECIPE.training.model_copy(update={"epochs": 3})


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that differ in brightness."""
    labels = np.arange(40) % 2
    images = rng.integers(0, 100, (40, *SHAPE)) + 100 * labels[:, None, None, None]
    return images.astype(np.uint8), labels


def trained(
    data: tuple[np.ndarray, np.ndarray],
    folds: list[slice],
    training: Training = TRAINING,
    scramble: bool = False,
    recipe: Recipe = RECIPE,
) -> TrainedFold:
    """The result of the last of some folds, trained after the others."""
    images, labels = data
    compiled = compiled_for(recipe.model_copy(update={"training": training}))
    for fold in folds:
        validation = np.arange(40)[fold]
        train = np.setdiff1d(np.arange(32), validation)
        if scramble:
            unseen = np.setdiff1d(np.arange(40), np.concatenate([train, validation]))
            images, labels = images.copy(), labels.copy()
            images[unseen], labels[unseen] = 255 - images[unseen], 1 - labels[unseen]
        result = train_fold(compiled, Data(images, labels, train, validation), Run(1, "test"))
    return result


def test_history_has_a_row_per_epoch(data: tuple[np.ndarray, np.ndarray]) -> None:
    result = trained(data, [slice(0, 8)])
    assert result.history.columns.tolist() == list(HISTORY_COLUMNS)
    assert result.history["epoch"].tolist() == [1, 2, 3]
    assert result.outputs.shape == (8, 2)
    assert result.selected == 3


def test_confusion_of_every_second_epoch_is_kept(data: tuple[np.ndarray, np.ndarray]) -> None:
    training = TRAINING.model_copy(update={"epochs": 4, "snapshots": 2})
    kept, plain = trained(data, [slice(0, 8)], training), trained(data, [slice(0, 8)])
    assert kept.confusions is not None
    assert plain.confusions is None
    assert kept.confusions["epoch"].tolist() == [2] * 4 + [4] * 4
    of_last = kept.confusions[kept.confusions["epoch"] == 4]
    expected = metrics.confusion_matrix(data[1][:8], kept.outputs.argmax(axis=1), labels=[0, 1])
    assert of_last.pivot(index="actual", columns="predicted", values="images").to_numpy().tolist() == expected.tolist()
    assert kept.history.columns.tolist() == list(HISTORY_COLUMNS)


def test_validation_scores_are_those_of_the_logits(data: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = (np.concatenate([part] * 4) for part in data)  # more than one batch of unequal sizes
    compiled = compiled_for(RECIPE)
    validation = np.arange(70, 160)
    result = train_fold(compiled, Data(images, labels, np.arange(70), validation), Run(0, "test"))
    logits, truth = result.outputs, labels[validation]
    last = result.history.iloc[-1]
    assert last["val_accuracy"] == pytest.approx((logits.argmax(axis=1) == truth).mean())
    assert last["val_loss"] == pytest.approx(metrics.log_loss(truth, softmax(logits)), rel=1e-4)


def test_learns(data: tuple[np.ndarray, np.ndarray]) -> None:
    result = trained(data, [slice(0, 8)], TRAINING.model_copy(update={"epochs": 20, "learning_rate": 1e-2}))
    assert result.history["loss"].iloc[-1] < 0.5 * result.history["loss"].iloc[0]


def test_fold_forgets_the_folds_before_it(data: tuple[np.ndarray, np.ndarray]) -> None:
    alone = trained(data, [slice(8, 16)])
    after = trained(data, [slice(0, 8), slice(8, 16)])
    np.testing.assert_array_equal(alone.outputs, after.outputs)
    assert alone.history.equals(after.history)


def test_held_out_rows_are_never_read(data: tuple[np.ndarray, np.ndarray]) -> None:
    """Rows 32 to 39 are the test set: other images and labels there change no bit."""
    one, two = trained(data, [slice(0, 8)]), trained(data, [slice(0, 8)], scramble=True)
    np.testing.assert_array_equal(one.outputs, two.outputs)


@pytest.mark.long
@eager()
def test_frozen_recipe_trains_its_head_alone(data: tuple[np.ndarray, np.ndarray]) -> None:
    recipe = tiny_recipe("mobilenetv2", "none", alpha=0.35)
    model = build(recipe, (32, 32, 1), 2, seed=0)
    before = [weights.copy() for weights in model.get_weights()]
    head = head_of(model)
    compiled = compile_classifier(head, recipe.training)
    features = np.random.default_rng(0).random((40, 1280)).astype(np.float32)
    train_fold(compiled, Data(features, data[1], np.arange(32), np.arange(32, 40)), Run(0, "test"))
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert not any(changed[: -len(head.get_weights())])
    assert any(changed[-len(head.get_weights()) :])


def test_diverging_training_stops_with_a_sentence(data: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(UserError, match=r"test: the loss is (nan|inf) in epoch \d.*lower training.learning_rate \(now"):
        trained(data, [slice(0, 8)], TRAINING.model_copy(update={"learning_rate": 1e30}))


def test_selected_epoch_is_the_best_one_and_its_weights_are_kept(data: tuple[np.ndarray, np.ndarray]) -> None:
    """Labels of the validation rows are turned round, so that learning makes validation worse."""
    images, labels = data
    labels = np.where(np.arange(40) < 8, 1 - labels, labels)
    changes = {"epochs": 6, "learning_rate": 1e-2, "selection": "loss"}
    result = trained((images, labels), [slice(0, 8)], TRAINING.model_copy(update=changes))
    history = result.history.set_index("epoch")
    assert result.selected == history["val_loss"].idxmin()
    assert result.selected < 6
    truth = labels[:8]
    kept = metrics.log_loss(truth, softmax(result.outputs))
    assert kept == pytest.approx(history["val_loss"][result.selected], rel=1e-4)
    assert kept < 0.9 * history["val_loss"][6]


@pytest.mark.parametrize(("positive", "average"), [(None, "macro"), (0, "binary")])
@eager()
def test_f1_selects_by_the_positive_class_where_there_is_one(
    data: tuple[np.ndarray, np.ndarray], positive: int | None, average: str
) -> None:
    images, labels = data
    training = TRAINING.model_copy(update={"selection": "f1"})
    compiled = compiled_for(RECIPE.model_copy(update={"training": training}), Task(positive=positive))
    rows = np.arange(20)
    result = train_fold(compiled, Data(images, labels, rows + 20, rows), Run(1, "test"))
    predicted = result.outputs.argmax(axis=1)
    expected = metrics.f1_score(labels[rows], predicted, average=average, pos_label=0 if average == "binary" else 1)
    assert result.history["val_f1"].max() == pytest.approx(expected)
    assert result.selected == result.history["val_f1"].argmax() + 1, "of equals, the first"


def test_early_stopping_waits_for_its_patience(data: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = data
    labels = np.where(np.arange(40) < 8, 1 - labels, labels)
    changes = {"epochs": 30, "learning_rate": 1e-2, "early_stopping": 2}
    result = trained((images, labels), [slice(0, 8)], TRAINING.model_copy(update=changes))
    losses = result.history["val_loss"]
    assert len(losses) == losses.argmin() + 1 + 2 < 30
    assert result.selected == len(losses), "nothing was to be selected, so the last epoch counts"


@eager()
def test_rate_falls_on_a_plateau(data: tuple[np.ndarray, np.ndarray]) -> None:
    """Where nothing is learnt, since the rate is next to nothing, the loss stands still."""
    changes = {"epochs": 5, "learning_rate": 1e-20, "plateau": Plateau(factor=0.1, patience=1, minimum=1e-22)}
    result = trained(data, [slice(0, 8)], TRAINING.model_copy(update=changes), recipe=STILL)
    np.testing.assert_allclose(result.history["learning_rate"], [1e-20, 1e-20, 1e-21, 1e-22, 1e-22], rtol=1e-5)


def test_cosine_ends_each_step_lower(data: tuple[np.ndarray, np.ndarray]) -> None:
    rates = trained(data, [slice(0, 8)], TRAINING.model_copy(update={"schedule": "cosine"})).history["learning_rate"]
    np.testing.assert_allclose(rates, [1e-3, 0.75e-3, 0.25e-3], rtol=1e-5)


def test_balanced_weights_count_rare_images_for_more(data: tuple[np.ndarray, np.ndarray]) -> None:
    """A network that cannot tell the classes apart answers with how much each counts."""
    images = np.zeros_like(data[0])
    labels = (np.arange(40) % 8 == 0).astype(int)
    shares = []
    for kind in ("none", "balanced"):
        changes = {"epochs": 40, "learning_rate": 3e-2, "class_weights": kind}
        result = trained((images, labels), [slice(0, 8)], TRAINING.model_copy(update=changes))
        shares.append(softmax(result.outputs)[0, 1])
    assert shares[0] == pytest.approx(1 / 8, abs=0.06)
    assert shares[1] == pytest.approx(1 / 2, abs=0.12)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_momentum_reaches_the_optimizer(optimizer: str) -> None:
    network = build(RECIPE, SHAPE, 2, seed=0)
    compiled = compile_classifier(network, TRAINING.model_copy(update={"optimizer": optimizer, "momentum": 0.8}))
    assert type(compiled.phases[0].network.optimizer).__name__.lower() == optimizer
    assert compiled.phases[0].network.optimizer.momentum == 0.8


@eager()
def test_training_sees_augmented_images_and_validation_plain_ones(data: tuple[np.ndarray, np.ndarray]) -> None:
    """At a rate of next to nothing, nothing but the loss of training tells of the augmentation."""
    slow = TRAINING.model_copy(update={"learning_rate": 1e-20})
    augmentation = Augmentation(shift=0.5, horizontal_flip=True)
    changed = STILL.model_copy(update={"backbone": STILL.backbone.model_copy(update={"augmentation": augmentation})})
    one, two = (trained(data, [slice(0, 8)], slow, recipe=recipe) for recipe in (STILL, changed))
    assert one.history["loss"].tolist() != two.history["loss"].tolist()
    np.testing.assert_array_equal(one.outputs, two.outputs)


@eager()
def test_validation_reads_the_plain_view_and_training_all(data: tuple[np.ndarray, np.ndarray]) -> None:
    """Without what is augmented in validation rows, no bit changes; the plain view of training rows is drawn too."""
    network = head_of(build(tiny_recipe("simple_cnn", "none"), SHAPE, 2, seed=0))
    compiled = compile_classifier(network, TRAINING)
    features = np.random.default_rng(0).random((40, 3, 64)).astype(np.float32)
    train, validation = np.arange(8, 32), np.arange(8)
    one = train_fold(compiled, Data(features, data[1], train, validation), Run(0, "test"))
    read = {(0, "train"): True, (2, "train"): True, (0, "validation"): True, (2, "validation"): False}
    for (view, part), matters in read.items():
        other = features.copy()
        other[train if part == "train" else validation, view] = 9.0
        two = train_fold(compiled, Data(other, data[1], train, validation), Run(0, "test"))
        assert np.array_equal(one.outputs, two.outputs) != matters


@eager()
def test_loss_is_computed_in_float32_under_mixed_precision(data: tuple[np.ndarray, np.ndarray]) -> None:
    mixed = RECIPE.backbone.model_copy(update={"precision": "mixed_bfloat16"})
    network = build(RECIPE.model_copy(update={"backbone": mixed}), SHAPE, 2, seed=0)
    assert network.get_layer("convolution_1").compute_dtype == "bfloat16"
    compiled = compile_classifier(network, TRAINING)
    images, labels = data
    result = train_fold(compiled, Data(images, labels, np.arange(8, 32), np.arange(8)), Run(0, "test"))
    logits = keras.ops.cast(network(images[:8]), "bfloat16")
    assert keras.backend.standardize_dtype(compiled.objective.loss(labels[:8], logits).dtype) == "float32"
    assert result.outputs.dtype == np.float32
    assert len(set(result.history["loss"])) == 3
    assert {variable.dtype for variable in network.trainable_variables} == {"float32"}


@eager()
def test_saved_model_holds_neither_optimizer_nor_loss(data: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    training = TRAINING.model_copy(update={"loss": Loss(kind="focal")})
    network = build(RECIPE, SHAPE, 2, seed=0)
    compiled = compile_classifier(network, training)
    result = train_fold(compiled, Data(*data, np.arange(8, 40), np.arange(8)), Run(1, "test"))
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    np.testing.assert_allclose(loaded.predict_on_batch(data[0][:8]), result.outputs, rtol=1e-5, atol=1e-6)
