"""PYTHONPATH=src .venv/bin/python -m bench.initialisation [trial]

What each way to draw random weights gives: how large the features of a fresh network are, what a linear classifier
reads from them, and how far networks come that are trained from there. On the embedded data set. Writes the tables of
docs/initialisation.md. `trial` is a run on a few images and one network, which writes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.command import run
from bench.page import publish, require_blocks
from medtransfer.settings.recipes import Backbone, Initialisation, Recipe

PAGE = Path("docs/initialisation.md")
FRESH, TRAINED = "initialisation, fresh", "initialisation, trained"
WAYS: tuple[Initialisation, ...] = get_args(Initialisation)
TITLES = {"keras": "Keras", "he": "He", "lsuv": "LSUV"}
SIZE, SEED, FOLDS, PARTS = 32, 7, 3, 6
RIDGE = 100.0  # penalty of the linear classifier, for some hundred features of unit variance
FROZEN = ("vgg16", "resnet50v2", "mobilenetv2", "efficientnetb0", "vit_tiny")
# Liaqat's networks from scratch, on smaller images: recipe, and epochs that two cores can do.
FROM_SCRATCH = {"liaqat_cnn": 25, "liaqat_vgg16_scratch": 4}


@dataclass(frozen=True)
class Slices:
    """Of the embedded data set."""

    images: NDArray[np.uint8]  # N x SIZE x SIZE x 1
    labels: NDArray[np.intp]  # N
    patients: NDArray[np.str_]  # N


def slices(patients: int) -> Slices:
    """Three slices of each patient."""
    from medtransfer.data.download.phantom import CLASSES, generate

    made = list(generate(SIZE, patients, 3, seed=SEED))
    return Slices(
        np.stack([slice.image for slice in made])[..., None],
        np.array([CLASSES.index(slice.label) for slice in made]),
        np.array([slice.patient for slice in made]),
    )


def main(trial: bool) -> None:
    """Both tables."""
    require_blocks(PAGE, [FRESH, TRAINED])
    from medtransfer.settings.load import load

    data, recipes = slices(12 if trial else 160), load().recipes
    chosen = {name: 1 if trial else epochs for name, epochs in list(FROM_SCRATCH.items())[: 1 if trial else None]}
    tables = {
        FRESH: pd.DataFrame(fresh(name, data) for name in (FROZEN[-1:] if trial else FROZEN)),
        TRAINED: pd.DataFrame(
            row for name, count in chosen.items() for row in trained(recipes[name], name, count, data)
        ),
    }
    publish(PAGE, tables, trial)


def fresh(architecture: str, data: Slices) -> dict[str, str]:
    """Size of the features of a fresh, frozen network, and accuracy of a linear classifier on them."""
    import keras

    from medtransfer.models.build import build_backbone

    sizes, shares = {}, {}
    for way in WAYS:
        backbone = Backbone(
            architecture=architecture, weights=None, trainable="none", pooling="average", initialisation=way
        )
        network = build_backbone(backbone, data.images.shape[1:], SEED)
        parts = np.array_split(data.images, PARTS)  # step by step: to trace a deep network takes longer
        features = np.concatenate([np.asarray(network(part, training=False)) for part in parts])
        sizes[f"{TITLES[way]}: size"] = f"{np.sqrt(np.mean(features**2)):.1e}"
        shares[f"{TITLES[way]}: accuracy"] = f"{_readable(features, data):.2f}"
        keras.utils.clear_session()
    return {"Network": architecture} | sizes | shares


def _readable(features: NDArray[np.float32], data: Slices) -> float:
    """Accuracy over folds of patients."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_score

    scale = np.maximum(features.std(axis=0), np.finfo(np.float32).tiny)
    scaled = (features - features.mean(axis=0)) / scale
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    return float(cross_val_score(RidgeClassifier(RIDGE), scaled, data.labels, groups=data.patients, cv=folds).mean())


def trained(recipe: Recipe, name: str, epochs: int, data: Slices) -> Iterator[dict[str, str]]:
    """Loss and accuracy of the last epoch of a recipe, without its augmentation, on two of three folds of patients."""
    import keras
    from sklearn.model_selection import StratifiedGroupKFold

    from medtransfer.models.build import build
    from medtransfer.training.compiled import compile_classifier
    from medtransfer.training.fit import Data, Run, train_fold

    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    train, validation = next(split.split(data.images, data.labels, data.patients))
    training = recipe.training.model_copy(update={"epochs": epochs, "selection": "last"})
    for way in WAYS:
        backbone = Backbone(**recipe.backbone.model_dump(exclude={"augmentation"}) | {"initialisation": way})
        network = build(
            recipe.model_copy(update={"backbone": backbone}), data.images.shape[1:], int(data.labels.max()) + 1, SEED
        )
        compiled = compile_classifier(network, training, backbone)
        result = train_fold(compiled, Data(data.images, data.labels, train, validation), Run(SEED, f"{name}, {way}"))
        first, last = result.history.iloc[0], result.history.iloc[-1]
        yield {
            "Recipe": name,
            "Weights": TITLES[way],
            "Epochs": str(epochs),
            "Training loss, first epoch": f"{first['loss']:.2f}",
            "last epoch": f"{last['loss']:.2f}",
            "Validation loss": f"{last['val_loss']:.2f}",
            "Validation accuracy": f"{last['val_accuracy']:.2f}",
        }
        keras.utils.clear_session()


if __name__ == "__main__":
    run(main, __doc__)
