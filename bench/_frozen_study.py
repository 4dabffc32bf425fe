"""The study that frozen_backbone.py times: a folder that the stages run in, and the same task for the ordinary loop."""

import json
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from medtransfer.data.download.kaggle import sha256_of
from medtransfer.data.partitions import rows
from medtransfer.data.prepare.archive import sort_out
from medtransfer.settings.load import Settings, load
from medtransfer.store import formats

ROOT = Path(__file__).resolve().parents[1]
DATASET, MODEL = "br35h", "mobilenetv2_imagenet"
STAGES = {  # by step, in order; the search for copies and the split are made for both sides
    "prepare": ("prepare", DATASET),
    "duplicates": ("duplicates", DATASET),
    "split": ("split", DATASET),
    "features": ("features", DATASET, MODEL),
    "train": ("train", DATASET, MODEL),
}


@dataclass(frozen=True)
class Study:
    """A folder with params.yaml, the catalogue and the archive."""

    folder: Path
    settings: Settings

    @property
    def split(self) -> pd.DataFrame:
        """What the split stage wrote."""
        return formats.read_table(self.folder / f"data/splits/{DATASET}.csv")

    @property
    def accuracies(self) -> list[float]:
        """The validation accuracy of each fold after its last epoch, as the train stage wrote it."""
        history = formats.read_table(self.folder / f"models/{DATASET}/{MODEL}/history.csv")
        return history.groupby("fold")["val_accuracy"].last().tolist()


def make_study(folder: Path, archive: Path, images: int | None, folds: int | None, epochs: int | None) -> Study:
    """The project's own params and catalogue, with this data set and model; smaller where a number is given."""
    yaml = YAML()
    params = yaml.load(ROOT / "params.yaml")
    params |= {"dataset": DATASET, "model": MODEL}
    params["study"] |= {"models": [MODEL], "ensembles": [], "other_datasets": []}
    params["split"] |= {"folds": folds} if folds else {}
    yaml.dump(params, folder / "params.yaml")
    shutil.copytree(ROOT / "catalog", folder / "catalog")
    if epochs:
        recipes = yaml.load(folder / "catalog/models.yaml")
        recipes[MODEL]["training"]["epochs"] = epochs
        yaml.dump(recipes, folder / "catalog/models.yaml")
    settings = load(folder)
    _refuse_other_recipe(settings)
    raw = folder / "data/raw"
    raw.mkdir(parents=True)
    _copy_archive(archive, raw / f"{DATASET}.zip", settings, images)
    formats.write_json(raw / f"{DATASET}.json", {"sha256": sha256_of(raw / f"{DATASET}.zip")})
    return Study(folder, settings)


def unpack(study: Study) -> None:
    """The archive's images as files, for the ordinary loop."""
    with zipfile.ZipFile(study.folder / f"data/raw/{DATASET}.zip") as source:
        members = sort_out(source.infolist(), study.settings.dataset(DATASET)).members
        source.extractall(study.folder / "files", [member.id for member in members])


def ordinary_task(study: Study, cached: bool) -> tuple[Path, Path]:
    """What the ordinary loop is told, as JSON, and where it will answer: the same folds, the same head."""
    recipe, params = study.settings.recipe(MODEL), study.settings.params
    split, classes = study.split, list(study.settings.dataset(DATASET).classes)
    files = np.array([str(study.folder / "files" / name) for name in split["id"]])
    labels = np.array([classes.index(label) for label in split["label"]])

    def part(chosen: np.ndarray) -> dict[str, Any]:
        return {"files": files[chosen].tolist(), "labels": labels[chosen].tolist()}

    folds = [rows(split, fold) for fold in range(params.split.folds)]
    answer = study.folder / f"answer-{cached}.json"
    task = {
        "answer": str(answer),
        "seed": params.seed,
        "folds": [{"train": part(train), "validation": part(validation)} for train, validation in folds],
        "cached": cached,
        "size": study.settings.image_size(DATASET),
        "classes": len(classes),
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


def _refuse_other_recipe(settings: Settings) -> None:
    """The ordinary loop is written for the recipe as it stands; a change there has to be made in it too."""
    recipe = settings.recipe(MODEL)
    backbone, head, training = recipe.backbone, recipe.head, recipe.training
    plain = (backbone.frozen, backbone.weights == "imagenet", backbone.pooling == "average", head.normalise_features)
    extra = (backbone.augmentation.active, head.batch_norm, head.l2, training.phases, training.early_stopping)
    if not all(plain) or any(extra) or training.optimizer != "adam" or training.selection != "last":
        sys.exit(f"the recipe {MODEL} has changed in a way that bench/_ordinary_loop.py does not follow; mend it there")


def _copy_archive(source: Path, target: Path, settings: Settings, images: int | None) -> None:
    """The archive itself, or one with so many images, spread evenly over the set, and all that is no image."""
    if images is None:
        target.symlink_to(source.resolve())
        target.read_bytes()  # so that it lies in the system's cache
        return
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w") as part:
        members = [member.id for member in sort_out(whole.infolist(), settings.dataset(DATASET)).members]
        kept = {members[int(place)] for place in np.linspace(0, len(members) - 1, images)}
        kept |= {name for name in whole.namelist() if name.endswith(".json")}
        for name in whole.namelist():
            if name in kept:
                part.writestr(name, whole.read(name))
