"""The refit: one more network, of all development rows and no others, for as many epochs as the folds have kept."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import rows
from medtransfer.store.trained import Trained
from medtransfer.training import fit, folds
from medtransfer.training.compiled import read_values
from medtransfer.training.folds import Development, ModelTraining, Plan
from medtransfer.training.refit import Refit, mean_epochs
from tests.conftest import tiny_recipe

SIZE, COUNT, EPOCHS, RATE = 24, 48, 8, 3e-2
STOPPING = {"selection": "loss", "early_stopping": 2, "plateau": {"patience": 1}, "schedule": "cosine"}
PHASES = [
    {"epochs": 3, "learning_rate": 1e-2, "trainable": "none"},
    {"epochs": 3, "learning_rate": 1e-3, "trainable": "convolution_3"},
]


def recipe(trainable: str, **training: object) -> Recipe:
    plain = tiny_recipe("simple_cnn", trainable).model_dump(mode="json")
    return Recipe.model_validate(plain | {"training": plain["training"] | training})


RECIPES = {
    "frozen backbone": recipe("none", epochs=EPOCHS, learning_rate=RATE, **STOPPING),
    "trained backbone": recipe("convolution_3", phases=PHASES),
}


def split() -> pd.DataFrame:
    """Test rows and dropped ones between two folds of development rows."""
    partition = np.array(["development", "development", "development", "test", "development", "dropped"] * 8)
    return pd.DataFrame(
        {"partition": partition, "fold": np.where(partition == "development", np.arange(COUNT) % 2, -1)}
    )


@pytest.fixture(scope="module")
def trainings() -> dict[str, ModelTraining]:
    """A training of each recipe: compiling takes longer than training."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (COUNT, SIZE, SIZE, 1), dtype=np.uint8)
    features = rng.random((COUNT, 64), dtype=np.float32)
    made = {}
    for name, chosen in RECIPES.items():
        inputs = features if chosen.backbone.frozen else None
        development = Development(images, inputs, np.arange(COUNT) // 2 % 2, [rows(split(), fold) for fold in (0, 1)])
        made[name] = ModelTraining(Plan("mine", chosen, Classes(["no", "yes"], "yes"), development, seed=3))
    return made


@pytest.fixture
def frozen(trainings: dict[str, ModelTraining]) -> ModelTraining:
    return trainings["frozen backbone"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints lie under the working folder."""
    monkeypatch.chdir(tmp_path)


def train_folds(training: ModelTraining) -> tuple[list[pd.DataFrame], list[int], list[np.ndarray]]:
    """Histories, kept epochs, and all numbers that come out."""
    histories, selected, bits = [], [], []
    for fold in training.folds():
        histories.append(fold.histories["history"])
        selected.append(fold.selected)
        bits += [fold.histories["history"].to_numpy(), fold.logits, *values(fold)]
    return histories, selected, bits


def values(result: folds.Fold | Refit) -> list[np.ndarray]:
    return read_values(result.networks["fold"].variables)


def same(one: list[np.ndarray], two: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_rows_are_the_development_rows_and_nothing_is_validated(
    frozen: ModelTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories, selected, _ = train_folds(frozen)
    seen: list[fit.Data] = []

    def spy(compiled: Any, data: fit.Data, run: fit.Run) -> fit.TrainedFold:  # noqa: ANN401
        seen.append(data)
        return fit.train_fold(compiled, data, run)

    monkeypatch.setattr(folds, "train_fold", spy)
    refit = frozen.refit(histories, selected)
    (data,) = seen
    assert data.train_rows.tolist() == [row for row, part in enumerate(split()["partition"]) if part == "development"]
    assert not len(data.validation_rows)
    assert list(refit.histories) == ["refit_history"]
    assert refit.histories["refit_history"].columns.tolist() == ["epoch", "loss", "accuracy", "learning_rate"]


def test_epochs_are_the_mean_of_the_folds_at_the_rates_of_the_recipe(frozen: ModelTraining) -> None:
    """No plateau lowers the rates, and the cosine is that of the recipe's epochs."""
    histories, selected, _ = train_folds(frozen)
    refit = frozen.refit(histories, selected)
    assert 1 < refit.epochs == math.floor(np.mean(selected) + 0.5) < EPOCHS
    epochs = np.arange(refit.epochs)
    history = refit.histories["refit_history"]
    assert history["epoch"].tolist() == list(epochs + 1)
    cosine = RATE * (1 + np.cos(np.pi * epochs / EPOCHS)) / 2
    np.testing.assert_allclose(history["learning_rate"], cosine, rtol=1e-5)
    assert frozen.record(selected, refit.epochs).refit_epochs == refit.epochs


def test_folds_are_the_same_after_a_refit(frozen: ModelTraining) -> None:
    histories, selected, before = train_folds(frozen)
    refit = values(frozen.refit(histories, selected))
    shutil.rmtree(".cache")
    assert same(train_folds(frozen)[2], before)
    weights = len(refit)
    assert not any(same(refit, before[end - weights : end]) for end in (len(before) // 2, len(before)))


@pytest.mark.parametrize("name", RECIPES)
def test_killed_refit_ends_with_the_same_bits_and_trains_only_what_is_left(
    name: str, trainings: dict[str, ModelTraining]
) -> None:
    histories, selected, _ = train_folds(training := trainings[name])
    total = [3, 3] if name == "trained backbone" else list(mean_epochs(histories, selected, 1))
    undisturbed = training.refit(histories, selected)
    expected = [undisturbed.histories["refit_history"].to_numpy(), *values(undisturbed)]
    (file,) = Path(".cache/checkpoints").glob("*/refit-2.npz")
    file.unlink()
    trained: list[int] = []
    epoch = fit._Fold.epoch

    def stops_once(*arguments: Any) -> np.ndarray:  # noqa: ANN401
        trained.append(1)
        if len(trained) == 2:
            raise KeyboardInterrupt
        return epoch(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit._Fold, "epoch", stops_once)
        with pytest.raises(KeyboardInterrupt):
            training.refit(histories, selected)
        resumed = training.refit(histories, selected)
    assert len(trained) == sum(total) + 1
    assert same([resumed.histories["refit_history"].to_numpy(), *values(resumed)], expected)


def test_stored_refit_is_a_whole_network_and_part_of_the_digest(frozen: ModelTraining, tmp_path: Path) -> None:
    stored, images = Trained(tmp_path / "stored"), np.random.default_rng(1).integers(0, 255, (4, SIZE, SIZE, 1))
    assert frozen.backbone is not None
    stored.write_backbone(frozen.backbone)
    histories, selected, _ = train_folds(frozen)
    stored.training.write(frozen.record(selected))
    without = stored.digest()
    with pytest.raises(UserError, match=r"refit\.keras is missing"):
        next(stored.networks(refit=True))
    refit = frozen.refit(histories, selected)
    stored.write_networks(None, refit.networks)
    stored.write_tables(refit.histories)
    assert stored.digest() != without
    assert len(stored.refit_history.read()) == refit.epochs
    (whole,), (part,) = stored.networks(refit=True), stored.trained_parts(refit=True)
    features = np.asarray(frozen.backbone(images, training=False))
    expected = np.asarray(refit.networks["fold"](features, training=False))
    np.testing.assert_allclose(np.asarray(part(features, training=False)), expected, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(whole(images, training=False)), expected, rtol=1e-5)
    assert not list(stored.autoencoders(refit=True))


CASES: dict[str, tuple[list[list[int]], list[int], tuple[int, ...]]] = {
    "last epoch": ([[1] * 5, [1] * 5], [5, 5], (5,)),
    "halves are rounded up": ([[1] * 9, [1] * 9], [3, 4], (4,)),
    "mean of three": ([[1] * 9, [1] * 9, [1] * 9], [1, 1, 5], (2,)),
    "last of two phases": ([[1, 1, 2, 2, 2]] * 2, [5, 5], (2, 3)),
    "kept within the second phase": ([[1, 1, 2, 2, 2]] * 2, [3, 4], (2, 2)),
    "kept within the first phase": ([[1, 1, 1, 2, 2]] * 2, [1, 2], (2, 0)),
    "first phase stopped early": ([[1, 1, 2, 2, 2], [1, 1, 1, 1, 2]], [5, 5], (3, 2)),
}


@pytest.mark.parametrize("case", CASES)
def test_each_phase_ends_where_it_ended_in_the_folds_on_average(case: str) -> None:
    phases, selected, expected = CASES[case]
    columns = {"epoch"} if len(expected) == 1 else {"epoch", "phase"}
    histories = [pd.DataFrame({"epoch": range(len(one)), "phase": one})[sorted(columns)] for one in phases]
    assert mean_epochs(histories, selected, len(expected)) == expected
