"""Train a model on every fold of the development set."""

from pathlib import Path

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.command import run
from medtransfer.data.partitions import rows
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import backbone_of, build, explained_layer, head_of
from medtransfer.models.fingerprint import sha256
from medtransfer.models.weights import provenance
from medtransfer.settings.params import Params
from medtransfer.store.records import Times, Training
from medtransfer.training.checkpoints import Checkpoint, checkpoint_key, finish, tidy
from medtransfer.training.fit import compile_network, train_fold
from medtransfer.training.pretraining import Pretraining


def main(params: Params, dataset: str, model: str) -> None:
    """A network a fold, the history of each epoch, the logits of the rows left out, and where the weights came from.

    What is killed goes on where it was when it is run again: see checkpoints.
    """
    settings, classes = store.settings_of_model(model).model.read(), store.settings_of_dataset(dataset).classes.read()
    recipe = settings.recipe
    make_deterministic(params.seed)
    images, split, into = (
        store.prepared(dataset).images.read(),
        store.split(dataset).read(),
        store.trained(dataset, model),
    )
    labels = classes.codes(split["label"])
    complete = build(recipe, images.shape[1:], len(classes.names), params.seed)
    inputs, network = images, complete
    if recipe.backbone.frozen:
        inputs, network = store.features(dataset, model).read(), head_of(complete)
        into.write_backbone(backbone_of(complete))
    positive, healthy = classes.code(classes.positive), classes.code(settings.healthy)
    start = compile_network(network, recipe.training, recipe.backbone, healthy)
    parts = [rows(split, fold) for fold in range(params.split.folds)]
    key = checkpoint_key(
        recipe, params.seed, parts, labels, inputs, start.values, (positive, healthy), [Path(__file__)]
    )
    tidy(key)
    histories, predictions, selected, seconds = [], [], [], []
    first = Pretraining(recipe, recipe.pretraining, complete, images, params.seed) if recipe.pretraining else None
    for fold, (train_rows, validation_rows) in enumerate(parts):
        name = f"{model}, fold {fold + 1} of {len(parts)}"
        checkpoint = Checkpoint(key, fold)
        begun, before = first.begin(start, train_rows, validation_rows, name, checkpoint) if first else (start, 0.0)
        trained = train_fold(
            network, begun, inputs, labels, train_rows, validation_rows, recipe.training, params.seed + fold, name,
            positive, checkpoint,
        )  # fmt: skip
        if first:
            into.write_autoencoder(fold, first.model)
        into.write_fold(fold, network)
        histories.append(trained.history.assign(fold=fold))
        selected.append(trained.selected)
        seconds.append(before + trained.seconds)
        logits = dict(zip((f"logit: {name}" for name in classes.names), trained.validation_logits.T, strict=True))
        left_out = split.iloc[validation_rows]
        predictions.append(pd.DataFrame({"id": left_out["id"], "actual": left_out["label"], "fold": fold} | logits))
    if first:
        into.reconstruction.write(first.history)
    into.history.write(pd.concat(histories))
    into.validation.write(pd.concat(predictions))
    record = Training(
        weights=provenance(recipe.backbone),
        architecture=recipe.backbone.architecture,
        explained_layer=explained_layer(recipe),
        frozen=recipe.backbone.frozen,
        pretrained=recipe.pretraining is not None,
        parameters=complete.count_params(),
        trainable_parameters=int(sum(np.prod(weight.shape) for weight in complete.trainable_weights)),
        selected_epochs=selected,
    )
    into.training.write(record)
    finish(key)
    store.training_times(dataset, model).write(Times(sha256(into.history.path), seconds))


if __name__ == "__main__":
    run(main)
