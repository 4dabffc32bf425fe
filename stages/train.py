"""Train a model on every fold of the development set."""

from pathlib import Path

import pandas as pd

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.partitions import rows
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import build, head_of
from medtransfer.training.fit import compile_network, train_fold
from stages.common import Clock, label_codes, run, write_timing


def main(settings: Config, dataset: str, model: str) -> None:
    """A model a fold, the history of each epoch, and the logits of the rows left out of each fold."""
    clock = Clock()
    params, recipe = settings.params, settings.recipe(model)
    make_deterministic(params.seed)
    images = artefacts.read_array(Path(f"data/prepared/{dataset}/images.npy"))
    split = artefacts.read_table(Path(f"data/splits/{dataset}.csv"))
    labels = label_codes(settings, dataset, split["label"].to_numpy())
    classes = list(settings.dataset(dataset).classes)
    complete = build(recipe, images.shape[1:], len(classes), params.seed)
    inputs, network = images, complete
    if recipe.backbone.frozen:
        inputs, network = (
            artefacts.read_array(Path(f"data/features/{dataset}/{model}.npy")),
            head_of(complete),
        )
    start = compile_network(network, recipe.training)
    folder = Path(f"models/{dataset}/{model}")
    histories, predictions = [], []
    for fold in range(params.split.folds):
        train_rows, validation_rows = rows(split, fold)
        name = f"{model}, fold {fold + 1} of {params.split.folds}"
        trained = train_fold(
            network,
            start,
            inputs,
            labels,
            train_rows,
            validation_rows,
            recipe.training,
            params.seed + fold,
            name,
        )
        artefacts.write_model(folder / f"fold-{fold}.keras", complete)
        histories.append(trained.history.assign(fold=fold))
        left_out = pd.DataFrame(trained.validation_logits, columns=classes)
        left_out.insert(0, "fold", fold)
        left_out.insert(0, "actual", split["label"].to_numpy()[validation_rows])
        left_out.insert(0, "id", split["id"].to_numpy()[validation_rows])
        predictions.append(left_out)
    artefacts.write_table(folder / "history.csv", pd.concat(histories))
    artefacts.write_table(folder / "validation.csv", pd.concat(predictions))
    write_timing("train", dataset, model, clock.seconds)


if __name__ == "__main__":
    run(main)
