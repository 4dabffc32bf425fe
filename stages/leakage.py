"""Measure what leakage is worth: the same test images, with and without their copies in development."""

from pathlib import Path

import numpy as np

from medtransfer import formats
from medtransfer.comparison.leakage import summarise
from medtransfer.data.arms import ARMS, draw
from medtransfer.data.partitions import DROPPED
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import build, head_of
from medtransfer.settings.load import Settings
from medtransfer.training.leakage_experiment import Trial, run_trials
from medtransfer.training.sharing import shared_features
from stages.common import label_codes, run


def main(settings: Settings, dataset: str) -> None:
    """The accuracy of each arm, and the paired differences between arms, over all repeats."""
    params, entry, model = settings.params, settings.dataset(dataset), settings.leakage_model
    path, images = Path(f"metrics/leakage_experiment/{dataset}.json"), Path(f"data/prepared/{dataset}/images.npy")
    if model is None:
        _leave_out(path, dataset, "no model of the study has a frozen backbone: name a recipe in leakage.model")
        return
    recipe = settings.recipe(model)
    make_deterministic(params.seed)
    split = formats.read_table(Path(f"data/splits/{dataset}.csv"))
    used = np.flatnonzero((split["partition"] != DROPPED).to_numpy())
    labels = label_codes(settings, dataset, split["label"].to_numpy())
    groups = split["group"].to_numpy()
    repeats = [
        draw(labels[used], groups[used], params.split.test_fraction, params.seed + repeat)
        for repeat in range(params.leakage.repeats)
    ]
    if any(len(np.unique(labels[used[arms.test]])) < len(entry.classes) for arms in repeats):
        _leave_out(
            path, dataset, "in some class no image can be tested: its copies are more than a third of the others"
        )
        return
    trials = [
        Trial(repeat, arm, used[rows], used[arms.test])
        for repeat, arms in enumerate(repeats)
        for arm, rows in arms.development.items()
    ]
    inputs = formats.read_array(images)
    network = build(recipe, inputs.shape[1:], len(entry.classes), params.seed)
    if recipe.backbone.frozen:
        inputs, network = formats.read_array(shared_features(recipe, images, params.seed)), head_of(network)
    scored = run_trials(network, recipe, inputs, labels, entry.without_disease, trials, params.seed)
    copied = [np.isin(groups[used[arms.test]], groups[used[arms.development["random"]]]) for arms in repeats]
    sizes = {arm: float(np.mean([len(arms.development[arm]) for arms in repeats])) for arm in ARMS}
    pictures = {
        arm: float(np.mean([len(np.unique(groups[used[arms.development[arm]]])) for arms in repeats])) for arm in ARMS
    }
    found = {"dataset": dataset, "model": model, "repeats": len(repeats)}
    found |= {"development_images": sizes, "development_groups": pictures}
    found |= {"wanted_test_images": round(params.split.test_fraction * len(used)) * len(repeats)}
    formats.write_json(path, found | summarise(scored, groups, np.concatenate(copied)))


def _leave_out(path: Path, dataset: str, reason: str) -> None:
    print(f"what leakage is worth is not measured: {reason}")
    formats.write_json(path, {"dataset": dataset, "model": None, "reason": reason})


if __name__ == "__main__":
    run(main)
