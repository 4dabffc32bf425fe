"""Train a model on fractions of every fold's training rows, and say what each of them makes of the test images."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import held_out_rows
from medtransfer.training.subsets import ALL, Subset, all_subsets, smaller_subsets


def main(params: Params, dataset: str, model: str) -> None:
    """The mean probability over the folds of the first repeat, for each fraction, draw and test image."""
    classes, into = store.settings_of_dataset(dataset).classes.read(), store.fractions(dataset, model)
    if not params.study.fractions:
        print("study.fractions is empty: no curve of the number of training images")
        columns = ["fraction", "draw", "images", "groups", "id", "actual", *classes.names]
        into.write(pd.DataFrame(columns=columns))
        return
    split = store.split(dataset).read()
    subsets, smaller, groups = all_subsets(params, split), smaller_subsets(params, split), split["group"].to_numpy()
    probabilities = {ALL: _of_all_rows(dataset, model, classes, params.split.folds)}
    if smaller:
        probabilities |= _of_subsets(params, dataset, model, smaller)
    rest = split.iloc[held_out_rows(split)].rename(columns={"label": "actual"})[["id", "actual"]]
    parts = []
    for (fraction, draw), means in sorted(probabilities.items()):
        same = [subset.rows for subset in subsets if (subset.fraction, subset.draw) == (fraction, draw)]
        images = round(np.mean([len(each) for each in same]))
        distinct = round(np.mean([len(set(groups[each])) for each in same]))
        parts.append(
            rest.assign(fraction=fraction, draw=draw, images=images, groups=distinct)[
                ["fraction", "draw", "images", "groups", "id", "actual"]
            ].assign(**dict(zip(classes.names, means.astype(float).round(6).T, strict=True)))
        )
    into.write(pd.concat(parts))


def _of_all_rows(dataset: str, model: str, classes: Classes, folds: int) -> NDArray[np.floating]:
    """By the networks of `train`: test images x classes."""
    table = store.predictions(dataset, model).probabilities.read()
    of_test = table[(table["partition"] == "test") & table["fold"].isin(range(folds))].sort_values(
        "fold", kind="stable"
    )
    means: NDArray[np.floating] = of_test[classes.names].to_numpy().reshape(folds, -1, len(classes.names)).mean(axis=0)
    return means


def _of_subsets(
    params: Params, dataset: str, model: str, subsets: Sequence[Subset]
) -> dict[tuple[float, int], NDArray[np.float32]]:
    # TensorFlow takes seconds to import
    from medtransfer.models.determinism import make_deterministic
    from medtransfer.training.folds import ModelTraining
    from medtransfer.training.fractions import mean_probabilities, plan_of_fractions

    make_deterministic(params.seed)
    plan, held_out = plan_of_fractions(params, dataset, model), held_out_rows(store.split(dataset).read())
    training, features = ModelTraining(plan), plan.development.features
    if features is None:
        tested = plan.development.images[held_out]
    else:
        tested = features[held_out] if features.ndim == 2 else features[held_out, 0]  # the plain view
    probabilities = mean_probabilities(training, subsets, tested)
    training.finish()
    return probabilities


if __name__ == "__main__":
    run(main)
