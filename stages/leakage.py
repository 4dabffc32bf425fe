"""Measure what leakage is worth: the same test images, with and without their copies in development."""

from typing import Any

import numpy as np

from medtransfer import store
from medtransfer.comparison.leakage import summarise
from medtransfer.data.split.arms import ARMS, draw
from medtransfer.models.build import build, head_of
from medtransfer.models.determinism import make_deterministic
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.partitions import DROPPED
from medtransfer.training.cache import shared_features
from medtransfer.training.leakage_experiment import Examples, Trial, run_trials


def main(params: Params, dataset: str) -> None:
    """The accuracy of each arm, and the paired differences between arms, over all repeats."""
    classes, chosen = store.settings_of_dataset(dataset).classes.read(), store.settings_of_leakage().read()
    if chosen.settings is None:
        _leave_out(dataset, "no model of the study has a frozen backbone: name a recipe in leakage.model")
        return
    recipe = chosen.settings.recipe
    make_deterministic(params.seed)
    split = store.split(dataset).read()
    used = np.flatnonzero((split["partition"] != DROPPED).to_numpy())
    labels, groups = classes.codes(split["label"]), split["group"].to_numpy()
    repeats = [
        draw(labels[used], groups[used], params.split.test_fraction, params.seed + repeat)
        for repeat in range(params.leakage.repeats)
    ]
    if any(len(np.unique(labels[used[arms.test]])) < len(classes.names) for arms in repeats):
        _leave_out(dataset, "in some class no image can be tested: its copies are more than a third of the others")
        return
    trials = [
        Trial(repeat, arm, used[rows], used[arms.test])
        for repeat, arms in enumerate(repeats)
        for arm, rows in arms.development.items()
    ]
    images = store.prepared(dataset).images
    inputs = images.read()
    network = build(recipe, inputs.shape[1:], len(classes.names), params.seed)
    if recipe.backbone.stored:
        inputs, network = shared_features(recipe.backbone, images, params.seed).read(), head_of(network)
    healthy = classes.code(chosen.settings.healthy)
    scored = run_trials(network, recipe, Examples(inputs, labels, healthy), trials, params.seed)
    copied = [np.isin(groups[used[arms.test]], groups[used[arms.development["random"]]]) for arms in repeats]
    sizes = {arm: float(np.mean([len(arms.development[arm]) for arms in repeats])) for arm in ARMS}
    pictures = {
        arm: float(np.mean([len(np.unique(groups[used[arms.development[arm]]])) for arms in repeats])) for arm in ARMS
    }
    result: dict[str, Any] = {"dataset": dataset, "model": chosen.model, "repeats": len(repeats)}
    result |= {"development_images": sizes, "development_groups": pictures}
    result |= {"wanted_test_images": round(params.split.test_fraction * len(used)) * len(repeats)}
    store.leakage_experiment(dataset).write(result | summarise(scored, groups, np.concatenate(copied)))


def _leave_out(dataset: str, reason: str) -> None:
    print(f"what leakage is worth is not measured: {reason}")
    store.leakage_experiment(dataset).write({"dataset": dataset, "model": None, "reason": reason})


if __name__ == "__main__":
    run(main)
