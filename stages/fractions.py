"""Train a model on fractions of every fold's training rows, and say what each of them makes of the test images."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.data.split.fractions import Subset, subsets_of_fold
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import held_out_rows, rows

ALL = (1.0, 0)  # the fraction and draw of all rows, on which `train` has trained


def main(params: Params, dataset: str, model: str) -> None:
    """The mean probability over the folds of the first repeat, for each fraction, draw and test image."""
    classes, into = store.settings_of_dataset(dataset).classes.read(), store.fractions(dataset, model)
    if not params.study.fractions:
        print("study.fractions is empty: no curve of the number of training images")
        columns = ["fraction", "draw", "images", "groups", "id", "actual", *classes.names]
        into.write(pd.DataFrame(columns=columns))
        return
    split = store.split(dataset).read()
    folds = [rows(split, fold) for fold in range(params.split.folds)]
    labels, groups = split["label"].to_numpy(), split["group"].to_numpy()
    subsets = [
        subset
        for fold, (train, _) in enumerate(folds)
        for subset in subsets_of_fold(
            train, labels, groups, params.study.fractions, params.study.draws, (params.seed, fold)
        )
    ]
    smaller = [subset for subset in subsets if (subset.fraction, subset.draw) != ALL]
    probabilities = {ALL: _of_all_rows(dataset, model, classes, params.split.folds)}
    if smaller:
        probabilities |= _of_subsets(params, dataset, model, smaller)
    rest = split.iloc[held_out_rows(split)].rename(columns={"label": "actual"})[["id", "actual"]]
    parts = []
    for (fraction, draw), found in sorted(probabilities.items()):
        same = [subset.rows for subset in subsets if (subset.fraction, subset.draw) == (fraction, draw)]
        images = round(np.mean([len(each) for each in same]))
        distinct = round(np.mean([len(set(groups[each])) for each in same]))
        parts.append(
            rest.assign(fraction=fraction, draw=draw, images=images, groups=distinct)[
                ["fraction", "draw", "images", "groups", "id", "actual"]
            ].assign(**dict(zip(classes.names, found.astype(float).round(6).T, strict=True)))
        )
    into.write(pd.concat(parts))


def _of_all_rows(dataset: str, model: str, classes: Classes, folds: int) -> NDArray[np.floating]:
    """By the networks of `train`: test images x classes."""
    table = store.predictions(dataset, model).probabilities.read()
    of_test = table[(table["partition"] == "test") & table["fold"].isin(range(folds))].sort_values(
        "fold", kind="stable"
    )
    found: NDArray[np.floating] = of_test[classes.names].to_numpy().reshape(folds, -1, len(classes.names)).mean(axis=0)
    return found


def _of_subsets(
    params: Params, dataset: str, model: str, subsets: Sequence[Subset]
) -> dict[tuple[float, int], NDArray[np.float32]]:
    # TensorFlow takes seconds to import
    from medtransfer.models.determinism import make_deterministic
    from medtransfer.training.folds import Development, ModelTraining, Plan
    from medtransfer.training.fractions import mean_probabilities, on_subsets

    make_deterministic(params.seed)
    settings, classes = store.settings_of_model(model).model.read(), store.settings_of_dataset(dataset).classes.read()
    split, images = store.split(dataset).read(), store.prepared(dataset).images.read()
    folds = [rows(split, fold) for fold in range(params.split.folds)]
    features = store.features(dataset, model).read() if settings.recipe.backbone.stored else None
    development = Development(images, features, classes.codes(split["label"]), folds)
    plan = Plan(model, settings.recipe, classes, development, params.seed, settings.healthy)
    training = ModelTraining(on_subsets(plan, subsets))
    held_out = held_out_rows(split)
    if features is None:
        tested = images[held_out]
    else:
        tested = features[held_out] if features.ndim == 2 else features[held_out, 0]  # the plain view
    found = mean_probabilities(training, subsets, tested)
    training.finish()
    return found


if __name__ == "__main__":
    run(main)
