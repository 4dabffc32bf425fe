"""Score a model's folds on what each left out, and all of them together on the held-out test set."""

from pathlib import Path

import numpy as np
import pandas as pd

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.partitions import held_out_rows
from medtransfer.evaluation.curves import roc_points
from medtransfer.evaluation.metrics import scores, softmax
from medtransfer.evaluation.twin_free import twin_free
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import head_of
from stages.common import fold_models, label_codes, run


def main(settings: Config, dataset: str, model: str) -> None:
    """Metrics, predictions with an id per row, and ROC points; the test score is the folds' mean probability."""
    entry, recipe, params = settings.dataset(dataset), settings.recipe(model), settings.params
    make_deterministic(params.seed)
    classes = list(entry.classes)
    positive = classes.index(entry.positive) if entry.positive else None
    split = artefacts.read_table(Path(f"data/splits/{dataset}.csv"))
    held_out = held_out_rows(split)
    source = f"data/features/{dataset}/{model}.npy" if recipe.backbone.frozen else f"data/prepared/{dataset}/images.npy"
    inputs = artefacts.read_array(Path(source))[held_out]
    actual = label_codes(settings, dataset, split["label"].to_numpy()[held_out])
    validation = artefacts.read_table(Path(f"models/{dataset}/{model}/validation.csv"))
    folds, probabilities = [], []
    network = None
    for fold, complete in enumerate(artefacts.read_models(fold_models(settings, dataset, model))):
        network = network or (head_of(complete) if recipe.backbone.frozen else complete)
        probabilities.append(softmax(network.predict(inputs, batch_size=64, verbose=0)))
        left_out = validation[validation["fold"] == fold]
        left_out_labels = label_codes(settings, dataset, left_out["actual"].to_numpy())
        folds.append(
            {
                "fold": fold,
                "validation": scores(left_out_labels, softmax(left_out[classes].to_numpy()), positive),
                "test": scores(actual, probabilities[-1], positive),
            }
        )
    mean = np.mean(probabilities, axis=0)
    twin = split["twin"].to_numpy()[held_out]
    averaging = entry.positive or "mean over classes"
    metrics = {
        "dataset": dataset,
        "model": model,
        "strategy": params.split.strategy,
        "classes": classes,
        "averaging": averaging,
        "images": len(actual),
    }
    artefacts.write_json(
        Path(f"metrics/{dataset}/{model}.json"),
        metrics
        | {"test": scores(actual, mean, positive)}
        | {"test_twin_free": twin_free(actual, mean.argmax(axis=1), twin == "", classes)}
        | {"folds": folds},
    )
    folder = Path(f"plots/evaluate/{dataset}/{model}")
    predictions = pd.DataFrame(mean, columns=classes)
    predictions.insert(0, "twin", twin)
    predictions.insert(0, "predicted", np.array(classes)[mean.argmax(axis=1)])
    predictions.insert(0, "actual", split["label"].to_numpy()[held_out])
    predictions.insert(0, "id", split["id"].to_numpy()[held_out])
    artefacts.write_table(folder / "predictions.csv", predictions)
    curves = []
    for number, name in enumerate(classes):
        if positive is None or positive == number:
            false, true = roc_points(actual == number, mean[:, number])
            curves.append(pd.DataFrame({"class": name, "false_positive_rate": false, "true_positive_rate": true}))
    artefacts.write_table(folder / "roc.csv", pd.concat(curves))


if __name__ == "__main__":
    run(main)
