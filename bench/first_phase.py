"""PYTHONPATH=src .venv/bin/python -m bench.first_phase [trial]

A first phase that trains the head alone, on stored features and through the whole network: the same recipe, images and
folds in one process. Writes its table into docs/benchmarks.md. `trial` is a run on a few small images.
"""

import time
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.command import run
from bench.page import publish, require_blocks
from medtransfer.settings.recipes import Recipe

PAGE, BLOCK = Path("docs/benchmarks.md"), "first phase"
EPOCHS, FOLDS, SEED = 10, 3, 0


def main(trial: bool) -> None:
    """Both ways, with the same random images, and how far their results differ."""
    require_blocks(PAGE, [BLOCK])
    from medtransfer.models.build import head_of
    from medtransfer.training import compiled

    size, count, width = (32, 48, 0.35) if trial else (96, 600, 0.35)
    epochs = 1 if trial else EPOCHS
    phases = [
        {"epochs": epochs, "learning_rate": 1e-3, "trainable": "none"},
        {"epochs": 1, "learning_rate": 1e-5, "trainable": 0.2},
    ]
    backbone = {"architecture": "mobilenetv2", "weights": None, "trainable": 0.2, "pooling": "average", "alpha": width}
    backbone |= {"initialisation": "lsuv"}  # else the features of random weights vanish
    training = {"optimizer": "adam", "learning_rate": 1e-3, "epochs": 1, "batch_size": 32, "phases": phases}
    head = {"normalise_features": True, "dense": [64], "dropout": 0.0}
    recipe = Recipe.model_validate({"backbone": backbone, "head": head, "training": training})
    images = np.random.default_rng(SEED).integers(0, 196, (count, size, size, 1), np.uint8)
    images[1::2] += 60  # every second image is of the brighter class
    seconds, losses = {}, {}
    for name, part in {"whole network": lambda model: model, "stored features": head_of}.items():
        with mock.patch.object(compiled, "head_of", part):
            seconds[name], losses[name] = _trained(recipe, images)
    rows = [
        {
            "First phase": name,
            "Seconds": f"{seconds[name]:.1f}",
            "Ratio": f"{seconds['whole network'] / seconds[name]:.1f} ×",
            "Loss after it": f"{losses[name]:.4f}",
        }
        for name in seconds
    ]
    print(f"{count} images of {size} pixels, {FOLDS} folds, {epochs} epochs of the first phase and 1 of the second")
    publish(PAGE, {BLOCK: pd.DataFrame(rows)}, trial)


def _trained(recipe: Recipe, images: NDArray[np.uint8]) -> tuple[float, float]:
    """Seconds of all folds, and the last fold's training loss at the end of the first phase."""
    from medtransfer.models.build import build
    from medtransfer.models.determinism import make_deterministic
    from medtransfer.training.compiled import compile_classifier
    from medtransfer.training.fit import Data, Run, train_fold

    make_deterministic(SEED)
    begun, rows = time.perf_counter(), np.arange(len(images))
    compiled = compile_classifier(build(recipe, images.shape[1:], 2, SEED), recipe.training, recipe.backbone)
    for fold in range(FOLDS):
        data = Data(images, rows % 2, rows[rows % FOLDS != fold], rows[rows % FOLDS == fold])
        history = train_fold(compiled, data, Run(fold, f"fold {fold + 1}")).history
    return time.perf_counter() - begun, float(history.loc[history["phase"] == 1, "loss"].iloc[-1])


if __name__ == "__main__":
    run(main, __doc__)
