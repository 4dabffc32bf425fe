"""What leakage is worth: one recipe trained with and without the copies of its test images."""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.recipes import Recipe
from medtransfer.training.compiled import Task, compile_classifier
from medtransfer.training.fit import Data, Run, train_fold
from medtransfer.training.schedules import to_the_last_epoch


@dataclass(frozen=True)
class Trial:
    """One trained arm of one repeat."""

    repeat: int
    arm: str
    development: NDArray[np.intp]  # row numbers
    test: NDArray[np.intp]


@dataclass(frozen=True)
class Examples:
    """The rows that trials draw from."""

    inputs: NDArray  # what the network takes: images, features, or features of views
    labels: NDArray[np.integer]
    healthy: int | None = None  # the number of the class without disease, where one is known


def run_trials(
    network: keras.Model, recipe: Recipe, examples: Examples, trials: list[Trial], seed: int
) -> pd.DataFrame:
    """Train each trial from the same weights, and score it on its test rows: columns repeat, arm, row, right (0 or 1).

    The arms of one repeat differ in their rows alone: initial weights are the same in all trials, and shuffling has
    the repeat's seed. Training ends with the last epoch, whatever the recipe selects, as there are no validation rows.
    """
    training, task = to_the_last_epoch(recipe.training), Task(healthy=examples.healthy)
    compiled = compile_classifier(network, training, recipe.backbone, task)
    scored = []
    for trial in trials:
        data = Data(examples.inputs, examples.labels, trial.development, trial.test)
        name = f"repeat {trial.repeat + 1}, {trial.arm.replace('_', ' ')}"
        trained = train_fold(compiled, data, Run(seed + trial.repeat, name))
        right = trained.outputs.argmax(axis=1) == examples.labels[trial.test]
        columns = {"repeat": trial.repeat, "arm": trial.arm, "row": trial.test, "right": right.astype(int)}
        scored.append(pd.DataFrame(columns))
    return pd.concat(scored, ignore_index=True)
