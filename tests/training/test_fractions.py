"""The stage that trains on fractions of the images: on which rows, for how long, and what it writes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.models.predict import predict
from medtransfer.settings.load import load_params
from medtransfer.settings.params import Params, Split
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes, ModelSettings
from medtransfer.store.partitions import held_out_rows, rows
from medtransfer.training import fit
from medtransfer.training import folds as folds_module
from medtransfer.training.compiled import Compiled
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from stages import fractions
from tests.conftest import ROOT, tiny_recipe
from tests.eager import eager

DATASET, MODEL, IMAGES, SIZE = "d", "m", 60, 16
CLASSES = Classes(["no", "yes"], "yes")
SPLIT = Split(
    strategy="grouped", test_fraction=0.2, folds=2, repeats=2, validation_fraction=None, conflicting_labels="drop"
)


def params_with(portions: tuple[float, ...], draws: int = 2) -> Params:
    params = load_params(ROOT)
    study = params.study.model_copy(update={"models": (MODEL,), "fractions": portions, "draws": draws})
    return params.model_copy(update={"dataset": DATASET, "model": MODEL, "study": study, "split": SPLIT})


def stopped_early(recipe: Recipe) -> Recipe:
    training = recipe.training.model_copy(update={"early_stopping": 5})
    return recipe.model_copy(update={"training": training})


def write_inputs(recipe: Recipe, features: np.ndarray) -> pd.DataFrame:
    """What the stage reads: 12 test images, and 48 of 24 groups in two folds; the split is returned."""
    numbers = np.arange(IMAGES)
    split = pd.DataFrame(
        {
            "id": [f"i{number}" for number in numbers],
            "label": np.where(numbers % 4 < 2, "no", "yes"),
            "group": [f"g{number // 2}" for number in numbers],
            "partition": np.where(numbers < 12, "test", "development"),
            "fold": np.where(numbers < 12, -1, numbers // 4 % 2),
            "fold of repeat 2": np.where(numbers < 12, -1, numbers // 8 % 2),
        }
    )
    store.split(DATASET).write(split)
    store.settings_of_dataset(DATASET).classes.write(CLASSES)
    store.settings_of_model(MODEL).model.write(ModelSettings(recipe=recipe, weights={}, healthy=None))
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE, 1), dtype=np.uint8)
    store.prepared(DATASET).images.write(images)
    store.features(DATASET, MODEL).write(features)
    tested = split[:12].rename(columns={"label": "actual"})[["id", "actual"]]
    parts = [tested.assign(fold=fold, no=0.1 * fold, yes=1 - 0.1 * fold, partition="test") for fold in (-1, 0, 1, 2, 3)]
    store.predictions(DATASET, MODEL).probabilities.write(pd.concat(parts))
    return split


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Data, int, np.ndarray]]:
    """Of each training: its data, the steps of its optimizer, and the logits of the test images when it ends."""
    trainings: list[tuple[Data, int, np.ndarray]] = []

    def spied(compiled: Compiled, data: Data, run: Run) -> TrainedFold:
        trained = train_fold(compiled, data, run)
        taken = int(compiled.phases[-1].network.optimizer.iterations.numpy())
        tested = data.inputs[:12] if compiled.network.input.ndim == data.inputs.ndim else data.inputs[:12, 0]
        trainings.append((data, taken, predict(compiled.network, tested, np.arange(12), 64)))
        return trained

    monkeypatch.setattr(folds_module, "train_fold", spied)
    return trainings


@eager()
def test_subsets_are_trained_for_as_long_as_all_rows_and_never_on_test_images(
    seen: list[tuple[Data, int, np.ndarray]],
) -> None:
    recipe = stopped_early(tiny_recipe("simple_cnn", "none", augmentation={"rotation": 10, "views": 2}))
    features = np.random.default_rng(1).random((IMAGES, 3, 64), dtype=np.float32)
    split = write_inputs(recipe, features)
    fractions.main(params_with((0.33, 0.5, 1.0)), DATASET, MODEL)
    table, held_out = store.fractions(DATASET, MODEL).read(), set(held_out_rows(split).tolist())
    trained = [rows(split, fold)[0] for fold in (0, 1)]
    assert [len(data.train_rows) for data, _, _ in seen] == [8, 12, 8] * 2, "all rows are not trained on again"
    for place, (data, taken, _) in enumerate(seen):
        whole = set(trained[place // 3].tolist())
        assert set(data.train_rows.tolist()) < whole
        assert set(data.validation_rows.tolist()) == set(range(12, IMAGES)) - whole
        assert not held_out & {*data.train_rows.tolist(), *data.validation_rows.tolist()}
        assert taken == 24 / recipe.training.batch_size, "as many steps as 24 rows take, in its one epoch"
    assert set(seen[0][0].train_rows.tolist()) < set(seen[1][0].train_rows.tolist())
    keys = table[["fraction", "draw", "images", "groups"]].drop_duplicates().to_numpy().tolist()
    assert keys == [[0.33, 0, 8, 4], [0.33, 1, 8, 4], [0.5, 0, 12, 6], [1, 0, 24, 12]]
    of_first = table[(table["fraction"] == 0.33) & (table["draw"] == 0)]
    assert of_first["id"].tolist() == split["id"][:12].tolist()
    logits = np.stack([seen[0][2], seen[3][2]]).astype(float)
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    expected = (odds / odds.sum(axis=2, keepdims=True)).mean(axis=0)
    assert of_first[CLASSES.names].to_numpy() == pytest.approx(expected, abs=2e-6)
    of_all = table[table["fraction"] == 1]
    assert of_all["no"].to_numpy() == pytest.approx(np.full(12, 0.05)), "of the two folds of the first repeat"


@eager()
def test_recipe_that_looks_at_no_validation_row_gives_the_same_without_validation(
    seen: list[tuple[Data, int, np.ndarray]], monkeypatch: pytest.MonkeyPatch
) -> None:
    features = np.random.default_rng(1).random((IMAGES, 64), dtype=np.float32)
    write_inputs(tiny_recipe("simple_cnn", "none"), features)
    fractions.main(params_with((0.5, 1.0)), DATASET, MODEL)
    without = store.fractions(DATASET, MODEL).path.read_bytes()
    monkeypatch.setattr("medtransfer.training.fractions.to_the_last_epoch", lambda training: None)  # validates all
    fractions.main(params_with((0.5, 1.0)), DATASET, MODEL)
    assert [len(data.validation_rows) for data, _, _ in seen] == [0, 0, 24, 24]
    assert store.fractions(DATASET, MODEL).path.read_bytes() == without


@eager()
def test_killed_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    write_inputs(tiny_recipe("simple_cnn", "none"), np.random.default_rng(1).random((IMAGES, 64), dtype=np.float32))
    begun: list[str] = []
    epoch = fit._Fold.epoch

    def killed_in_the_second(fold: fit._Fold, *rest: Any) -> Any:  # noqa: ANN401
        begun.append(fold.run.name)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return epoch(fold, *rest)

    monkeypatch.setattr(fit._Fold, "epoch", killed_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        fractions.main(params_with((0.5, 1.0)), DATASET, MODEL)
    fractions.main(params_with((0.5, 1.0)), DATASET, MODEL)
    assert begun == [f"m on fractions, fold {number} of 2" for number in (1, 2, 2)]


def test_without_fractions_the_result_is_empty_and_tensorflow_is_not_imported() -> None:
    write_inputs(tiny_recipe("simple_cnn"), np.zeros(0, np.float32))
    fractions.main(params_with(()), DATASET, MODEL)
    table = store.fractions(DATASET, MODEL).read()
    assert (len(table), table.columns.tolist()[-2:]) == (0, CLASSES.names)
    code = "import sys, stages.fractions; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})


def test_rows_of_all_subsets_are_the_models_rows() -> None:
    """What is computed once for all trainings is computed of each row that one of them reads."""
    subsets = [(np.array([4, 1]), np.array([7])), (np.array([4, 5]), np.array([2]))]
    images = np.zeros((9, SIZE, SIZE, 1), np.uint8)
    assert folds_module.Development(images, None, np.zeros(9, int), subsets).rows.tolist() == [1, 2, 4, 5, 7]
