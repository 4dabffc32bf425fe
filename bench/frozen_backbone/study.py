"""The study that is timed: a folder that the stages run in, and the same task for the plain loop."""

import contextlib
import json
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from bench.process import ROOT
from medtransfer import store
from medtransfer.data.prepare.archive import sort_out
from medtransfer.settings.files import DATASETS, MODELS, PARAMS
from medtransfer.settings.load import Settings, load
from medtransfer.store.partitions import DEVELOPMENT, rows

ONE_DATA_SET: dict[str, Any] = {"other_datasets": [], "sources": [], "external": [], "fractions": []}  # of `study`


@dataclass(frozen=True)
class Study:
    """A folder with params.yaml and the catalogue, of one data set and one model."""

    folder: Path
    settings: Settings

    @property
    def dataset(self) -> str:
        """Its name in the catalogue."""
        return self.settings.params.dataset

    @property
    def model(self) -> str:
        """Its name in the catalogue."""
        return self.settings.params.model

    @property
    def sizes(self) -> tuple[int, int]:
        """Images in all, and in development, by the split."""
        with contextlib.chdir(self.folder):
            partition = store.split(self.dataset).read()["partition"]
        return len(partition), int((partition == DEVELOPMENT).sum())

    @property
    def accuracy(self) -> float:
        """Validation accuracy after the last epoch, the mean over folds, by the train stage."""
        with contextlib.chdir(self.folder):
            history = store.trained(self.dataset, self.model).history.read()
        return float(history.groupby("fold")["val_accuracy"].last().mean())


def real_study(folder: Path, archive: Path) -> Study:
    """Br35H, from its archive on this machine, and MobileNetV2 with ImageNet weights; else the project's params."""

    def take_archive(catalogue: dict[str, Any]) -> None:
        catalogue["br35h"]["source"] = {"kind": "local", "path": str(archive.resolve())}

    return _followed(study_folder(folder, "br35h", "mobilenetv2_imagenet", {DATASETS: take_archive}))


def trial_study(folder: Path) -> Study:
    """A few images made by code, random weights, one fold, one epoch."""

    def few_images(catalogue: dict[str, Any]) -> None:
        catalogue["phantom"]["source"] |= {"size": 32, "patients": 32, "slices_per_patient": 1}
        catalogue["phantom"]["image_size"] = 32

    def one_epoch(catalogue: dict[str, Any]) -> None:
        catalogue["mobilenetv2_random"]["training"]["epochs"] = 1

    changes = {
        DATASETS: few_images,
        MODELS: one_epoch,
        PARAMS: lambda params: params["split"].update(folds=1, validation_fraction=0.2),
    }
    return _followed(study_folder(folder, "phantom", "mobilenetv2_random", changes))


def study_folder(folder: Path, dataset: str, model: str, changes: dict[Path, Any]) -> Study:
    """The project's params and catalogue in a folder, for one data set and one model, and with changes by file."""
    shutil.copytree(ROOT / "catalog", folder / "catalog")
    shutil.copy(ROOT / PARAMS, folder)

    def choose(params: dict[str, Any]) -> None:
        params |= {"dataset": dataset, "model": model}
        params["split"]["test_fraction"] = 0.2
        params["study"] |= ONE_DATA_SET | {"models": [model], "ensembles": []}

    yaml = YAML()
    for path, change in [(PARAMS, choose), *changes.items()]:
        content = yaml.load(folder / path)
        change(content)
        yaml.dump(content, folder / path)
    return Study(folder, load(folder))


def unpack(study: Study) -> None:
    """The archive's images as files, for the plain loop."""
    with zipfile.ZipFile(study.folder / store.archive(study.dataset)) as source:
        members = sort_out(source.infolist(), study.settings.dataset(study.dataset)).members
        source.extractall(study.folder / "files", [member.id for member in members])


def plain_task(study: Study, cached: bool) -> tuple[Path, Path]:
    """The task of the plain loop as JSON, with the same folds and head, and the place of its answer."""
    recipe, params = study.settings.recipe(study.model), study.settings.params
    with contextlib.chdir(study.folder):
        split = store.split(study.dataset).read()
    classes = list(study.settings.dataset(study.dataset).classes)
    files = np.array([str(study.folder / "files" / name) for name in split["id"]])
    labels = np.array([classes.index(label) for label in split["label"]])

    def part(chosen: NDArray[np.intp]) -> dict[str, Any]:
        return {"files": files[chosen].tolist(), "labels": labels[chosen].tolist()}

    folds = [rows(split, fold) for fold in range(params.split.trained_folds)]
    answer = study.folder / f"answer-{cached}.json"
    task = {
        "answer": str(answer),
        "seed": params.seed,
        "folds": [{"train": part(train), "validation": part(validation)} for train, validation in folds],
        "cached": cached,
        "size": study.settings.image_size(study.dataset),
        "classes": len(classes),
        "weights": recipe.backbone.weights,
        "alpha": recipe.backbone.alpha,
        "dense": recipe.head.dense,
        "dropout": recipe.head.dropout,
        "learning_rate": recipe.training.learning_rate,
        "epochs": recipe.training.epochs,
        "batch_size": recipe.training.batch_size,
    }
    path = study.folder / f"task-{cached}.json"
    path.write_text(json.dumps(task))
    return path, answer


def _followed(study: Study) -> Study:
    """The plain loop is written for the recipe as it stands; a change there is to be made in it too."""
    recipe = study.settings.recipe(study.model)
    backbone, head, training = recipe.backbone, recipe.head, recipe.training
    plain = (backbone.frozen, backbone.pooling == "average", backbone.preprocessing == "native")
    extra = (backbone.augmentation.active, head.batch_norm, head.l2, training.phases, training.early_stopping)
    other = training.optimizer != "adam" or training.selection != "last" or not head.normalise_features
    if not all(plain) or any(extra) or other:
        loop = "bench/frozen_backbone/plain_loop.py"
        sys.exit(f"the recipe {study.model} has a part that {loop} does not follow; add it there")
    return study
