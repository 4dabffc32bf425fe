"""Train a model on other data sets, for its weights: models of the study start from them."""

import numpy as np

from medtransfer import store
from medtransfer.models.determinism import make_deterministic
from medtransfer.models.fingerprint import sha256
from medtransfer.models.software import versions_of_machine
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import DEVELOPMENT, VALIDATION
from medtransfer.store.records import Times
from medtransfer.training.folds import Development, ModelTraining, Plan
from medtransfer.training.stacked import stacked


def main(params: Params, source: str) -> None:
    """Writes one network, its history, and the logits of its validation rows."""
    make_deterministic(params.seed)
    settings, into = store.settings_of_source(source).read(), store.source_model(source)
    table = store.source_rows(source).read()
    names = sorted(table["label"].unique())
    labels = Classes(names, None).codes(table["label"])
    images = stacked([store.prepared(dataset).images.read() for dataset in settings.datasets])
    train, watched = (np.flatnonzero(table["partition"] == part) for part in (DEVELOPMENT, VALIDATION))
    development, classes = Development(images, None, labels, [(train, watched)]), Classes(names, None, settings.healthy)
    training = ModelTraining(Plan(source, settings.recipe, classes, development, params.seed, settings.healthy))
    (fold,) = training.folds()
    into.write_networks(0, fold.networks)
    logits = {f"logit: {name}": column for name, column in zip(names, fold.logits.T, strict=True)}
    validation = table.iloc[watched].rename(columns={"label": "actual"})[["dataset", "id", "actual"]]
    into.write_tables({**fold.histories, "validation": validation.assign(fold=0, **logits)})
    into.training.write(training.record([fold.selected]))
    training.finish()
    store.source_times(source).write(Times(sha256(into.history.path), [fold.seconds], versions_of_machine()))
    accuracy = float((fold.logits.argmax(axis=1) == labels[watched]).mean())
    print(f"{source}: {len(train)} images of {len(names)} classes, validation accuracy {accuracy:.3f}")


if __name__ == "__main__":
    run(main)
