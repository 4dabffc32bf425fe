"""A model trained on every fold: each is a function of the plan alone, and what is written together is the model."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer.models.build import backbone_of, build, build_backbone, head_of
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes
from medtransfer.store.trained import Trained
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.batches import shuffled
from medtransfer.training.features import compute_features
from medtransfer.training.folds import Development, Fold, ModelTraining, Plan
from tests.conftest import tiny_recipe
from tests.eager import eager

SIZE, COUNT = 32, 24


def plan_of(recipe: Recipe) -> Plan:
    """Two folds of twelve images each."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (COUNT, SIZE, SIZE, 1), dtype=np.uint8)
    features = None
    if recipe.backbone.stored:
        augment = build_augmentation(recipe.backbone.augmentation, images.shape[1:])
        backbone = build_backbone(recipe.backbone, images.shape[1:], seed=3)
        features = compute_features(backbone, images, augment, recipe.backbone.augmentation.stored_views, seed=3)
    halves = np.arange(12), np.arange(12, 24)
    development = Development(images, features, np.arange(COUNT) % 2, [halves, halves[::-1]])
    return Plan("mine", recipe, Classes(["no", "yes"], "yes"), development, seed=3)


def weights(network: keras.Model) -> list[np.ndarray]:
    return [value.copy() for value in network.get_weights()]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Checkpoints lie under the working folder; no graph is made for so few steps."""
    monkeypatch.chdir(tmp_path)
    with eager():
        yield


def test_fold_alone_in_another_process_is_the_same_fold() -> None:
    """Everything that it follows from can be sent there."""
    plan = plan_of(tiny_recipe("simple_cnn"))
    both = [(fold.logits, weights(fold.networks["fold"])) for fold in ModelTraining(plan).folds()]
    (key,) = Path(".cache/checkpoints").iterdir()
    for file in key.iterdir():
        file.unlink()
    sent = pickle.loads(pickle.dumps(plan))
    alone = ModelTraining(sent).fold(1)
    np.testing.assert_array_equal(alone.logits, both[1][0])
    assert all((a == b).all() for a, b in zip(weights(alone.networks["fold"]), both[1][1], strict=True))


FROZEN: dict[str, tuple[str, dict[str, object]]] = {
    "plain": ("liaqat_cnn", {}),
    "mixed_bfloat16": ("simple_cnn", {"precision": "mixed_bfloat16"}),
    "views": ("simple_cnn", {"augmentation": {"rotation": 20, "views": 2}}),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", FROZEN)
def test_stored_backbone_and_heads_are_the_model(kind: str, tmp_path: Path) -> None:
    """To the bit; and either file opens in plain Keras."""
    architecture, changes = FROZEN[kind]
    recipe = tiny_recipe(architecture, "none", **changes)
    plan = plan_of(recipe)
    training, stored = ModelTraining(plan), Trained(tmp_path / "stored")
    assert training.backbone is not None
    stored.write_backbone(training.backbone)
    images, answers, selected = plan.development.images[:4], [], []
    complete = build(recipe, images.shape[1:], 2, seed=3)
    for fold in training.folds():
        stored.write_networks(fold.number, fold.networks)
        head = fold.networks["fold"]
        for variable, value in zip(complete.weights[-len(head.weights) :], head.get_weights(), strict=True):
            variable.assign(value)
        answers.append(np.asarray(complete(images, training=False)))
        selected.append(fold.selected)
    stored.training.write(training.record(selected))
    assert stored.training.read().software["keras"] == keras.__version__
    assert (answers[0] != answers[1]).any()
    features = plan.development.features
    assert features is not None
    plain = features if features.ndim == 2 else features[:, 0]
    shared = keras.saving.load_model(stored.path / "backbone.keras")
    both = zip(stored.networks(), stored.trained_parts(), answers, strict=True)
    for number, (whole, head, expected) in enumerate(both):
        np.testing.assert_array_equal(np.asarray(whole(images, training=False)), expected)
        np.testing.assert_allclose(np.asarray(head(plain[:4], training=False)), expected, rtol=1e-2, atol=1e-2)
        assert not any(isinstance(layer, keras.Model) for layer in whole.layers)
        opened = keras.saving.load_model(stored.path / f"fold-{number}.keras")
        np.testing.assert_array_equal(np.asarray(opened(shared(images, training=False), training=False)), expected)
    sizes = {file.name: file.stat().st_size for file in stored.path.glob("*.keras")}
    assert sizes["fold-0.keras"] < sizes["backbone.keras"] / 3, "the backbone is not in a fold's file"


def _check_decoder(training: ModelTraining, autoencoder: keras.Model) -> None:
    """Four transposed convolutions with normalisation, ReLU and dropout, the right side, and what joins both."""
    table = training.decoder_layers()
    assert table is not None
    steps = [f"up_{number}_{part}" for number in (4, 3, 2, 1) for part in ("conv", "bn", "relu", "dropout")]
    assert sorted(table["layer"]) == sorted([*steps, "location", "join", "output"])
    encoder = training.layers().query("layer.str.startswith('down_')")
    assert table["parameters"].sum() + encoder["parameters"].sum() == autoencoder.count_params()
    assert table["trainable"].sum() == table["parameters"].sum() - 2 * (128 + 64 + 32 + 32) - 2  # averages, location
    assert table["output"].iloc[-1] == f"{SIZE} × {SIZE} × 1"


def _check_pictures(fold: Fold, data: Development) -> None:
    """The first validation image of each class, and what the whole UNet and its sides make of it after each epoch."""
    first = data.folds[fold.number][1][:2]  # labels alternate
    assert fold.pictures is not None
    assert fold.pictures.shape == (1 + 3 * 2, 2, SIZE, SIZE)
    np.testing.assert_array_equal(fold.pictures[0], data.images[first, ..., 0])
    for place, name in ((1, "autoencoder_epoch_1"), (2, "autoencoder")):
        drawn = np.asarray(fold.networks[name](data.images[first].astype(np.float32), training=False))[..., 0]
        np.testing.assert_allclose(fold.pictures[place], 255 * drawn, atol=0.51)
    assert len({picture.tobytes() for picture in fold.pictures}) == 7, "each epoch and each side is another picture"


def test_fresh_views_train_the_head_alone_on_new_changes_in_every_epoch() -> None:
    """As a loop that computes the features of each batch itself, and no stored feature is read."""
    augmentation = {"rotation": 20, "horizontal_flip": True, "views": "fresh"}
    recipe = tiny_recipe("simple_cnn", "none", augmentation=augmentation)
    recipe = recipe.model_copy(
        update={
            "head": recipe.head.model_copy(update={"dropout": 0.0, "normalise_features": False}),
            "training": recipe.training.model_copy(update={"optimizer": "sgd", "learning_rate": 0.5, "epochs": 3}),
        }
    )
    plan = plan_of(recipe)
    assert plan.development.features is None
    training = ModelTraining(plan)
    fold = training.fold(0)
    assert not training.record([3]).frozen

    model = build(recipe, (SIZE, SIZE, 1), 2, seed=3)
    backbone, head = backbone_of(model), head_of(model)
    augment = build_augmentation(recipe.backbone.augmentation, (SIZE, SIZE, 1))
    assert augment is not None
    head.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    head.optimizer.learning_rate = 0.5
    data, seen = plan.development, []
    train, validation = data.folds[0]
    for epoch in (1, 2, 3):
        rows = train[shuffled(len(train), plan.seed, epoch)]
        changed = np.asarray(augment(data.images[rows], augment.uniforms(plan.seed, epoch, rows)))
        seen.append(changed[rows.argmin()])
        for start in range(0, len(rows), recipe.training.batch_size):
            part = slice(start, start + recipe.training.batch_size)
            head.train_on_batch(backbone.predict_on_batch(changed[part]), data.labels[rows[part]])
    assert (seen[0] != seen[1]).any()
    expected = head.predict_on_batch(backbone.predict_on_batch(data.images[validation]))
    np.testing.assert_allclose(fold.logits, expected, rtol=1e-3, atol=1e-3)
    untrained = build(recipe, (SIZE, SIZE, 1), 2, seed=3).predict_on_batch(data.images[validation])
    assert np.abs(fold.logits - untrained).max() > 0.01


@pytest.mark.long
def test_pretraining_yields_an_autoencoder_and_its_history_beside_each_fold() -> None:
    recipe = Recipe.model_validate(
        tiny_recipe("unet_encoder").model_dump(mode="json")
        | {"pretraining": {"epochs": 2, "learning_rate": 1e-3, "batch_size": 12, "snapshots": 1, "dropout": 0.2}}
    )
    # so that the classifier keeps the kernels that it starts from
    slow = recipe.model_copy(update={"training": recipe.training.model_copy(update={"learning_rate": 1e-20})})
    plan = plan_of(slow)
    training = ModelTraining(plan)
    folds = []
    for fold in training.folds():
        folds.append(fold.histories["history"])
        assert list(fold.networks) == ["fold", "autoencoder", "autoencoder_epoch_1", "autoencoder_epoch_2"]
        _check_pictures(fold, plan.development)
        assert fold.histories["reconstruction"].columns.tolist() == ["epoch", "loss", "val_loss", "fold"]
        assert fold.histories["reconstruction"]["fold"].tolist() == [fold.number] * 2
        decoder = fold.networks["autoencoder"]
        assert decoder.output_shape == (None, SIZE, SIZE, 1)
        one, other, _, last = (network.get_layer("down_1_conv").kernel.numpy() for network in fold.networks.values())
        np.testing.assert_array_equal(other, last)
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert sorted(file.name for file in Path(".cache/checkpoints").glob("*/*")) == [
        "autoencoder-0.npz", "autoencoder-1.npz", "fold-0.npz", "fold-1.npz",
    ]  # fmt: skip
    assert training.record([1, 1]).pretrained
    _check_decoder(training, decoder)
    refit = training.refit(folds, [1, 1])
    assert refit.histories["refit_reconstruction"].columns.tolist() == ["epoch", "loss"]
    assert refit.histories["refit_reconstruction"]["epoch"].tolist() == [1, 2], "all of its epochs, whatever the folds'"
    assert list(refit.networks) == ["fold", "autoencoder"], "no image is left to look at"
    one, other = (network.get_layer("down_1_conv").kernel.numpy() for network in refit.networks.values())
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert list(Path(".cache/checkpoints").glob("*/autoencoder-2.npz"))
    training.finish()
