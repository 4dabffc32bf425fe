"""Trains two folds of a recipe that has every kind of state, as a stage would; for test_resume.py to kill."""

import os
import sys
from pathlib import Path
from typing import Any

from medtransfer.process.delegation import delegate

SHAPE = (24, 24, 1)
RECIPE = {
    "backbone": {
        "architecture": "simple_cnn", "weights": None, "trainable": "convolution_3", "pooling": "average",
        "augmentation": {"rotation": 30, "horizontal_flip": True},
    },
    "head": {"normalise_features": True, "dense": [8], "dropout": 0.5},
    "training": {
        "optimizer": "adam", "learning_rate": 1e-2, "epochs": 1, "batch_size": 8, "schedule": "cosine",
        "plateau": {"patience": 1}, "class_weights": "balanced", "selection": "loss",
        "phases": [
            {"epochs": 12, "learning_rate": 1e-2, "trainable": "none"},
            {"epochs": 12, "learning_rate": 1e-2, "trainable": "convolution_3"},
        ],
    },
}  # fmt: skip


def process_file(root: Path) -> Path:
    """Where the process that trains below `root` writes its number."""
    return root.with_suffix(".process")


def main(root: Path, result: Path) -> None:
    """Checkpoints go below `root`; histories, logits and weights of all folds into `result`, an .npz."""
    import numpy as np

    from medtransfer.models.build import build
    from medtransfer.models.determinism import make_deterministic
    from medtransfer.settings.recipes import Recipe
    from medtransfer.training.checkpoints import Checkpoint
    from medtransfer.training.compiled import compile_classifier, read_values
    from medtransfer.training.fit import Data, Run, train_fold

    process_file(root).write_text(str(os.getpid()))
    make_deterministic(0)
    recipe = Recipe.model_validate(RECIPE)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 48)
    images = (rng.integers(0, 150, (48, *SHAPE)) + 40 * labels[:, None, None, None]).astype(np.uint8)
    folds = [(np.arange(12, 48), np.arange(12)), (np.arange(36), np.arange(36, 48))]
    network = build(recipe, SHAPE, 2, seed=0)
    compiled = compile_classifier(network, recipe.training, recipe.backbone)
    results: dict[str, Any] = {}
    for number, (train, validation) in enumerate(folds):
        checkpoint = Checkpoint("k", number, share=1e9, root=root)
        trained = train_fold(compiled, Data(images, labels, train, validation), Run(number, "fold", checkpoint))
        results |= {f"history_{number}": trained.history.to_numpy(), f"logits_{number}": trained.outputs}
        results |= {f"weights_{number}_{i}": value for i, value in enumerate(read_values(network.variables))}
        results[f"selected_{number}"] = np.array(trained.selected)
    with result.open("wb") as file:
        np.savez(file, **results)


if __name__ == "__main__":
    delegate("tests.")
    main(*map(Path, sys.argv[1:]))
