"""Train a model on every fold of the development set."""

from pathlib import Path

import numpy as np
import pandas as pd

from medtransfer import formats
from medtransfer.data.partitions import rows
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import build, head_of
from medtransfer.models.weights import provenance
from medtransfer.settings.load import Settings
from medtransfer.training.checkpoints import Checkpoint, checkpoint_key, finish, tidy
from medtransfer.training.fit import compile_network, train_fold
from stages import pretraining
from stages.common import label_codes, run, write_timing


def main(settings: Settings, dataset: str, model: str) -> None:
    """A model a fold, the history of each epoch, the logits of the rows left out, and where the weights came from.

    What is killed goes on where it was when it is run again: see checkpoints.
    """
    params, recipe, entry = settings.params, settings.recipe(model), settings.dataset(dataset)
    make_deterministic(params.seed)
    images = formats.read_array(Path(f"data/prepared/{dataset}/images.npy"))
    split = formats.read_table(Path(f"data/splits/{dataset}.csv"))
    labels = label_codes(settings, dataset, split["label"].to_numpy())
    classes = list(entry.classes)
    complete = build(recipe, images.shape[1:], len(classes), params.seed)
    inputs, network = images, complete
    if recipe.backbone.frozen:
        inputs, network = formats.read_array(Path(f"data/features/{dataset}/{model}.npy")), head_of(complete)
    positive = classes.index(entry.positive) if entry.positive else None
    start = compile_network(network, recipe.training, recipe.backbone, entry.without_disease)
    parts = [rows(split, fold) for fold in range(params.split.folds)]
    options = (positive, entry.without_disease)
    scripts = (Path(__file__), Path(str(pretraining.__file__)))
    key = checkpoint_key(recipe, params.seed, parts, labels, inputs, start.values, options, scripts)
    tidy(key)
    folder = Path(f"models/{dataset}/{model}")
    histories, predictions, selected = [], [], []
    seconds = []
    asked = recipe.pretraining
    first = asked and pretraining.Pretraining(recipe, asked, complete, images, params.seed, folder)
    for fold, (train_rows, validation_rows) in enumerate(parts):
        name = f"{model}, fold {fold + 1} of {len(parts)}"
        checkpoint = Checkpoint(key, fold)
        begun, before = first.begin(start, train_rows, validation_rows, name, checkpoint) if first else (start, 0.0)
        trained = train_fold(
            network, begun, inputs, labels, train_rows, validation_rows, recipe.training, params.seed + fold, name,
            positive, checkpoint,
        )  # fmt: skip
        seconds.append(before + trained.seconds)
        formats.write_model(folder / f"fold-{fold}.keras", complete)
        histories.append(trained.history.assign(fold=fold))
        selected.append(trained.selected)
        left_out = pd.DataFrame(trained.validation_logits, columns=classes)
        left_out.insert(0, "fold", fold)
        left_out.insert(0, "actual", split["label"].to_numpy()[validation_rows])
        left_out.insert(0, "id", split["id"].to_numpy()[validation_rows])
        predictions.append(left_out)
    formats.write_table(folder / "history.csv", pd.concat(histories))
    formats.write_table(folder / "validation.csv", pd.concat(predictions))
    formats.write_json(
        folder / "training.json",
        {"weights": provenance(recipe.backbone), "parameters": complete.count_params(), "selected_epochs": selected}
        | {"trainable_parameters": int(sum(np.prod(weight.shape) for weight in complete.trainable_weights))},
    )
    finish(key)
    write_timing("train", dataset, model, sum(seconds), seconds)


if __name__ == "__main__":
    run(main)
