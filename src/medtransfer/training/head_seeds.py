"""A head trained again with other seeds, on the same features and folds: how much a result owes to chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models.predict import predict
from medtransfer.settings.recipes import Recipe
from medtransfer.training.compiled import Task, compile_classifier, read_values
from medtransfer.training.fit import FEATURES, Data, Run, train_fold

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Examples:
    """Features of all images, and which rows are trained, validated and tested on."""

    features: NDArray  # of a frozen backbone: N x F, or N x (1 + views) x F
    labels: NDArray[np.integer]  # N
    folds: Sequence[tuple[Rows, Rows]]  # rows to train on, and rows to validate on
    test: Rows


def outputs_over_seeds(
    head: keras.Model, recipe: Recipe, examples: Examples, seeds: Sequence[int], task: Task
) -> Iterator[NDArray[np.float32]]:
    """Logits of the test rows (folds x rows x K), for each seed: of initial weights, shuffling, dropout and views.

    `head` takes features, and is compiled once; it is left with the weights of the last fold.
    """
    compiled = compile_classifier(head, recipe.training, recipe.backbone, task)
    features, rows = examples.features, np.arange(len(examples.test))
    tested = features[examples.test] if features.ndim == 2 else features[examples.test, 0]  # the plain view
    for place, seed in enumerate(seeds, start=1):
        keras.utils.set_random_seed(seed)
        start = replace(compiled, values=read_values(keras.models.clone_model(head).variables))
        outputs = []
        for number, (train, validation) in enumerate(examples.folds):
            name = f"seed {place} of {len(seeds)}, fold {number + 1}"
            train_fold(start, Data(features, examples.labels, train, validation), Run(seed + number, name))
            outputs.append(predict(head, tested, rows, FEATURES))
        yield np.stack(outputs)
