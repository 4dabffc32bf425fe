"""KERAS_HOME=~/.keras PYTHONPATH=src .venv/bin/python -m bench.augmentation_views [trial] [--archive FILE]

The cost and the accuracy of stored views of augmented images, and of views drawn again in every epoch: a frozen
MobileNetV2 with ImageNet weights on sartaj at 64 pixels, with the augmentation, head and optimizer of the study
efficientnet2025, and several seeds on one grouped split.

Writes a table of docs/benchmarks.md, in some 10 minutes on one core. `trial` is a run on a few images made by code,
which writes nothing.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.frozen_backbone.study import Study, study_folder
from bench.page import BENCHMARKS, machine, publish, require_blocks
from medtransfer import store
from medtransfer.settings.augmentation import Augmentation
from medtransfer.settings.files import DATASETS, PARAMS
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import held_out_rows, rows

BLOCK = "views"
REAL, MADE = "sartaj", "phantom"
SIZE, EPOCHS, SEEDS = 64, 15, (0, 1, 2)
LIKE = "efficientnet_b0"  # whose augmentation, head and training are taken
VIEWS: dict[str, int | str] = {"4 stored views": 4, "16 stored views": 16, "fresh views": "fresh"}
PLAIN = "plain image alone"


@dataclass(frozen=True)
class Data:
    """A prepared data set and its split: row numbers to train on, to validate on, and held out."""

    images: NDArray[np.uint8]
    codes: NDArray[np.int64]
    classes: Classes
    fold: tuple[NDArray[np.intp], NDArray[np.intp]]
    test: NDArray[np.intp]


def main(trial: bool, archive: Path) -> None:
    """Train each kind of drawing with each seed, and publish the table."""
    require_blocks(BENCHMARKS, [BLOCK])
    if not trial and not archive.exists():
        sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset={REAL} download (or name it: --archive)")
    with tempfile.TemporaryDirectory() as folder:
        study = _study(Path(folder), None if trial else archive)
        with contextlib.chdir(folder), contextlib.redirect_stdout(sys.stderr):
            data = _prepared(study)
            runs = [
                {"drawing": name, "seed": seed, **_run(recipe, data, seed)}
                for seed in SEEDS[: 1 if trial else None]
                for name, recipe in _recipes(study, 1 if trial else EPOCHS)
            ]
    publish(BENCHMARKS, {BLOCK: _table(pd.DataFrame(runs), data)}, trial)


def _study(folder: Path, archive: Path | None) -> Study:
    """Without an archive, a few images made by code, and a small network with random weights."""

    def change_source(catalogue: dict[str, Any]) -> None:
        if archive:
            catalogue[REAL]["source"] = {"kind": "local", "path": str(archive.resolve())}
        else:
            catalogue[MADE]["source"] |= {"size": 32, "patients": 32, "slices_per_patient": 1}

    def one_fold(params: dict[str, Any]) -> None:
        params["prepare"]["image_size"] = SIZE if archive else 32
        params["split"] |= {"strategy": "grouped", "folds": 1, "validation_fraction": 0.15}

    dataset, model = (REAL, "mobilenetv2_imagenet") if archive else (MADE, "simple_cnn")
    return study_folder(folder, dataset, model, {DATASETS: change_source, PARAMS: one_fold})


def _prepared(study: Study) -> Data:
    """Run the stages up to the split; that one draws pictures too, so its table alone is made here."""
    from medtransfer.data.split.pictures import copies, raised
    from medtransfer.data.split.strategies import Splitting
    from stages import check, download, duplicates, prepare

    params, dataset = study.settings.params, study.dataset
    check.main(params)
    for stage in (download, prepare, duplicates):
        stage.main(params, dataset)
    index, pairs = store.prepared(dataset).index.read(), store.duplicates(dataset).pairs.read()
    thresholds = raised(params.duplicates, store.duplicates(dataset).background.read().similarity)
    splitting = Splitting(index, pairs, copies(index, pairs, thresholds), params.split, params.seed)
    table, classes = splitting.table("grouped"), store.settings_of_dataset(dataset).classes.read()
    images = np.asarray(store.prepared(dataset).images.read())
    return Data(images, classes.codes(table["label"]), classes, rows(table, 0), held_out_rows(table))


def _recipes(study: Study, epochs: int) -> Iterator[tuple[str, Recipe]]:
    """For each kind of drawing, the study's backbone, frozen, in a recipe that is EfficientNet's in all else."""
    like, backbone = study.settings.recipe(LIKE), study.settings.recipe(study.model).backbone
    training = like.training.model_copy(update={"epochs": epochs})
    changed = {name: like.backbone.augmentation.model_copy(update={"views": views}) for name, views in VIEWS.items()}
    for name, augmentation in {PLAIN: Augmentation(), **changed}.items():
        frozen = {"trainable": "none", "pooling": "average", "image_size": None, "augmentation": augmentation}
        yield name, like.model_copy(update={"backbone": backbone.model_copy(update=frozen), "training": training})


def _run(recipe: Recipe, data: Data, seed: int) -> dict[str, float]:
    """Accuracies after the last epoch, and the processor's seconds in features and training."""
    import keras

    from medtransfer.models.build import build_backbone
    from medtransfer.models.determinism import make_deterministic
    from medtransfer.models.predict import predict
    from medtransfer.training.augmentation import build_augmentation
    from medtransfer.training.features import compute_features
    from medtransfer.training.folds import Development, ModelTraining, Plan

    make_deterministic(seed)
    begun, features = time.process_time(), None
    if recipe.backbone.stored:
        shape, augmentation = data.images.shape[1:], recipe.backbone.augmentation
        backbone, augment = build_backbone(recipe.backbone, shape, seed), build_augmentation(augmentation, shape)
        features = compute_features(backbone, data.images, augment, augmentation.stored_views, seed)
    development = Development(data.images, features, data.codes, [data.fold])
    fold = ModelTraining(Plan("views", recipe, data.classes, development, seed)).fold(0)
    seconds = time.process_time() - begun
    tested = data.images if features is None else features.reshape(len(features), -1, features.shape[-1])[:, 0]
    logits = predict(fold.networks["fold"], tested, data.test, 64)
    keras.utils.clear_session()
    return {
        "seconds": seconds,
        "validation": float((fold.logits.argmax(axis=1) == data.codes[data.fold[1]]).mean()),
        "test": float((logits.argmax(axis=1) == data.codes[data.test]).mean()),
    }


def _table(runs: pd.DataFrame, data: Data) -> pd.DataFrame:
    """A row for each kind of drawing: means over seeds, with the lowest and the highest."""
    seeds, images = runs["seed"].nunique(), (len(data.fold[0]), len(data.fold[1]), len(data.test))

    def shown(values: pd.Series) -> str:
        return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f})"

    return pd.DataFrame(
        {
            "Drawn in an epoch": name,
            "Validation accuracy": shown(of_kind["validation"]),
            "Test accuracy": shown(of_kind["test"]),
            "Seconds of all cores": f"{of_kind['seconds'].mean():.0f}",
            "Seeds": f"{seeds}",
            "Images (training, validation, test)": ", ".join(f"{count:,}" for count in images),
            "Machine": machine(),
        }
        for name, of_kind in runs.groupby("drawing", sort=False)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench.augmentation_views",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("trial", nargs="?", choices=["trial"], help="some seconds on a few images made by code")
    parser.add_argument("--archive", type=Path, default=store.archive(REAL), help="sartaj as Kaggle serves it")
    options = parser.parse_args()
    main(options.trial is not None, options.archive)
