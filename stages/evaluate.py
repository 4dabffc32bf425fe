"""Score a model's folds on what each left out, and all of them together on the held-out test set."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.evaluation.choices import REFIT
from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.results import evaluate
from medtransfer.models.determinism import make_deterministic
from medtransfer.models.predict import predict, softmax
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.partitions import held_out_rows
from medtransfer.store.records import Evaluation
from medtransfer.store.trained import Trained

if TYPE_CHECKING:
    import keras

BATCH = 64


def main(params: Params, dataset: str, model: str) -> None:
    """Every fold's probabilities of its validation rows and of the test rows, and all that follows from them."""
    make_deterministic(params.seed)
    trained, classes = store.trained(dataset, model), store.settings_of_dataset(dataset).classes.read()
    split = store.split(dataset).read()
    held_out = held_out_rows(split)
    if trained.training.read().frozen:
        inputs = store.features(dataset, model).read()
        inputs = inputs[held_out] if inputs.ndim == 2 else inputs[held_out, 0]  # the plain view
    else:
        inputs = store.prepared(dataset).images.read()[held_out]
    logits = trained.validation.read()
    validation = softmax(logits[[f"logit: {name}" for name in classes.names]].to_numpy())
    columns = dict(zip(classes.names, validation.T, strict=True))
    parts = [logits[["id", "actual", "fold"]].assign(**columns, partition="validation")]
    rows = split.iloc[held_out].rename(columns={"label": "actual"})[["id", "actual"]]
    for fold, network in _networks(trained, params.evaluate.tested == "refit"):
        test = softmax(predict(network, inputs, np.arange(len(inputs)), BATCH))
        columns = dict(zip(classes.names, test.T, strict=True))
        parts.append(rows.assign(fold=fold, **columns, partition="test"))
    probabilities = pd.concat(parts)
    for_ensembles = store.predictions(dataset, model)
    for_ensembles.probabilities.write(probabilities)
    for_ensembles.history.write(trained.history.read().assign(member=model))
    for_ensembles.networks.write({"sha256": trained.digest()})
    results = evaluate(split, probabilities, classes, params.evaluate)
    evaluation = Evaluation.of(dataset=dataset, model=model, strategy=params.split.strategy, **results.metrics)
    store.metrics(dataset, model).write(evaluation)
    store.development(dataset, model, Development).write(results.development)
    store.evaluated(dataset, model).write(results.tables)
    store.evaluated(dataset, model).decisions(Decisions).write(results.decisions)


def _networks(trained: Trained, refit: bool) -> "Iterator[tuple[int, keras.Model]]":
    """What each fold trained, by its number; then the network of all development rows, where that is tested."""
    yield from enumerate(trained.trained_parts())
    if refit:
        yield from zip([REFIT], trained.trained_parts(refit=True), strict=True)


if __name__ == "__main__":
    run(main)
