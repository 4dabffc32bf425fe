"""What leakage is worth: one recipe trained with and without the copies of its test images."""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.recipes import Recipe, Training
from medtransfer.training.fit import compile_network, train_fold


@dataclass(frozen=True)
class Trial:
    """One trained arm of one repeat."""

    repeat: int
    arm: str
    development: NDArray[np.intp]  # row numbers
    test: NDArray[np.intp]


def run_trials(
    network: keras.Model, recipe: Recipe, inputs: NDArray, labels: NDArray[np.integer], healthy: int | None,
    trials: list[Trial], seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Train each trial from the same weights, and score it on its test rows: columns repeat, arm, row, right (0 or 1).

    `inputs` are what the network takes: images, features, or features of views. The arms of one repeat differ in
    their rows alone: initial weights are the same in all trials, and shuffling has the repeat's seed. Training ends
    with the last epoch, whatever the recipe selects, as validation rows would have to come from somewhere.
    """
    start = compile_network(network, to_the_last_epoch(recipe.training), recipe.backbone, healthy)
    scored = []
    for trial in trials:
        name = f"repeat {trial.repeat + 1}, {trial.arm.replace('_', ' ')}"
        trained = train_fold(
            network, start, inputs, labels, trial.development, trial.test, to_the_last_epoch(recipe.training),
            seed + trial.repeat, name,
        )  # fmt: skip
        right = trained.validation_logits.argmax(axis=1) == labels[trial.test]
        columns = {"repeat": trial.repeat, "arm": trial.arm, "row": trial.test, "right": right.astype(int)}
        scored.append(pd.DataFrame(columns))
    return pd.concat(scored, ignore_index=True)


def to_the_last_epoch(training: Training) -> Training:
    """The same training without anything that looks at validation rows."""
    return training.model_copy(update={"selection": "last", "early_stopping": None, "plateau": None})
