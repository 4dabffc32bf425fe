"""What `evaluate` and `vote` write of a model, in the same files: so a vote is a model like any other after them."""

from pathlib import Path

import pandas as pd

from medtransfer import formats
from medtransfer.evaluation.summary import summarise
from medtransfer.settings.load import Settings


def write_evaluation(
    settings: Settings, dataset: str, model: str, test: pd.DataFrame, probabilities: pd.DataFrame
) -> None:
    """A model's metrics, predictions and curves.

    `test` holds the split's test rows; `probabilities` id, actual, fold, partition (validation or test) and a column
    per class.
    """
    entry = settings.dataset(dataset)
    classes, folds = list(entry.classes), range(settings.params.split.folds)
    parts = dict(iter(probabilities.groupby("partition")))
    tested = [parts["test"].loc[parts["test"]["fold"] == fold, classes].to_numpy() for fold in folds]
    left_out = [parts["validation"][parts["validation"]["fold"] == fold] for fold in folds]
    found = summarise(test, tested, left_out, classes, entry.positive or "")
    metrics = {"dataset": dataset, "model": model, "strategy": settings.params.split.strategy} | found.metrics
    formats.write_json(Path(f"metrics/{dataset}/{model}.json"), metrics)
    formats.write_table(Path(f"plots/evaluate/{dataset}/{model}/predictions.csv"), found.predictions)
    formats.write_table(Path(f"plots/evaluate/{dataset}/{model}/roc.csv"), found.roc)
