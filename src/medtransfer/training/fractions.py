"""A model trained on subsets of its folds, with as many steps as on all rows, and what it says of other images."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.models.predict import predict, softmax
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.training.fit import FEATURES, IMAGES
from medtransfer.training.folds import ModelTraining, Plan
from medtransfer.training.plans import plan_of
from medtransfer.training.schedules import to_the_last_epoch
from medtransfer.training.subsets import Subset, smaller_subsets

NO_ROWS = np.array([], np.intp)


def plan_of_fractions(params: Params, dataset: str, model: str) -> Plan:
    """The training of a model on `smaller_subsets`, in their order."""
    plan = plan_of(params, dataset, model, params.split.folds)
    return on_subsets(plan, smaller_subsets(params, store.split(dataset).read()))


def on_subsets(plan: Plan, subsets: Sequence[Subset]) -> Plan:
    """The same training on subsets of the folds' rows, one after the other, in place of the folds.

    Each has as many steps in an epoch as all rows of its fold: schedules, plateaus and early stopping keep their
    meaning, and what differs are the images alone. Where the recipe looks at validation rows, these are all that its
    fold validates on; otherwise there are none, which leaves the networks as they are and saves a sixth of the time.
    """
    folds, recipe = plan.development.folds, _without_pictures(plan.recipe)
    validated = recipe.pretraining is not None or recipe.training != to_the_last_epoch(recipe.training)
    development = replace(
        plan.development,
        folds=[(subset.rows, folds[subset.fold][1] if validated else NO_ROWS) for subset in subsets],
        epochs=[len(folds[subset.fold][0]) for subset in subsets],
    )
    return replace(plan, name=f"{plan.name} on fractions", recipe=recipe, development=development)


def mean_probabilities(
    training: ModelTraining, subsets: Sequence[Subset], tested: NDArray
) -> dict[tuple[float, int], NDArray[np.float32]]:
    """For each fraction and draw, the mean over folds of the probabilities of other images, or features (M x K).

    `training` is of the plan that `on_subsets` makes of the same subsets. Only here, when a network is trained, does
    it meet these images.
    """
    size, rows = FEATURES if tested.ndim == 2 else IMAGES, np.arange(len(tested))
    of_folds: dict[tuple[float, int], list[NDArray]] = {}
    for fold in training.folds():
        subset = subsets[fold.number]
        logits = predict(fold.networks["fold"], tested, rows, size)
        of_folds.setdefault((subset.fraction, subset.draw), []).append(softmax(logits))
    return {key: np.mean(probabilities, axis=0).astype(np.float32) for key, probabilities in of_folds.items()}


def _without_pictures(recipe: Recipe) -> Recipe:
    """The recipe without what it keeps for the report alone."""
    training = recipe.training.model_copy(update={"snapshots": None})
    first = recipe.pretraining and recipe.pretraining.model_copy(update={"snapshots": None})
    return recipe.model_copy(update={"training": training, "pretraining": first})
