"""Train a model on every fold of the development set and, where it is asked for, on all of that set."""

import time
from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from medtransfer import store
from medtransfer.models.determinism import make_deterministic
from medtransfer.models.energy import EnergyMeter
from medtransfer.models.fingerprint import sha256
from medtransfer.models.software import versions_of_machine
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.records import Times
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.examples import augmented_examples
from medtransfer.training.folds import Fold, ModelTraining
from medtransfer.training.plans import plan_of_folds


def main(params: Params, dataset: str, model: str) -> None:
    """Writes the networks of each fold, their histories, the logits of the validation rows, and what the model is.

    With `refit`, also those of one more network: it has no logits, as it leaves no row out.
    """
    make_deterministic(params.seed)
    settings, classes = store.settings_of_model(model).model.read(), store.settings_of_dataset(dataset).classes.read()
    split, into = store.split(dataset).read(), store.trained(dataset, model)
    plan = plan_of_folds(params, dataset, model)
    development, training = plan.development, ModelTraining(plan)
    if training.backbone is not None:
        into.write_backbone(training.backbone)
    into.layers.write(training.layers())
    if (decoder := training.decoder_layers()) is not None:
        into.decoder_layers.write(decoder)
    tables, selected, seconds, joules = defaultdict(list), [], [], []
    for fold, energy in _with_energy(training.folds()):
        into.write_networks(fold.number, fold.networks)
        if fold.pictures is not None and fold.number == 0:
            into.pictures.write(fold.pictures)
        for name, history in fold.histories.items():
            tables[name].append(history)
        validation = split.iloc[development.folds[fold.number][1]].rename(columns={"label": "actual"})[["id", "actual"]]
        logits = {f"logit: {name}": column for name, column in zip(classes.names, fold.logits.T, strict=True)}
        tables["validation"].append(validation.assign(fold=fold.number, **logits))
        selected.append(fold.selected)
        seconds.append(fold.seconds)
        joules.append(energy)
    refit = training.refit(tables["history"], selected) if settings.refit else None
    if refit:
        into.write_networks(None, refit.networks)
        into.write_tables(refit.histories)
    into.write_tables({name: pd.concat(parts) for name, parts in tables.items()})
    images = development.images
    augment = build_augmentation(plan.recipe.backbone.augmentation, images.shape[1:])
    if augment is not None:
        first = development.folds[0][0]
        into.augmented.write(augmented_examples(images, development.labels, first, augment, params.seed))
    into.training.write(training.record(selected, refit.epochs if refit else None))
    training.finish()
    store.training_times(dataset, model).write(Times(sha256(into.history.path), seconds, versions_of_machine(), joules))


def _with_energy(folds: Iterator[Fold]) -> Iterator[tuple[Fold, float | None]]:
    """Each fold with the joules of its training; None where the machine does not tell, or an earlier run had a part."""
    with EnergyMeter() as meter:
        while True:
            begun, before = time.perf_counter(), meter.joules
            fold = next(folds, None)
            if fold is None:
                return
            after, whole = meter.joules, time.perf_counter() - begun >= 0.99 * fold.seconds
            yield fold, after - before if whole and after is not None and before is not None else None


if __name__ == "__main__":
    run(main)
