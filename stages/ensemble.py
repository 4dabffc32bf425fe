"""A soft-voting ensemble: the mean of its members' probabilities, evaluated like any model's."""

import pandas as pd

from medtransfer import store
from medtransfer.command import run
from medtransfer.data.partitions import held_out_rows
from medtransfer.evaluation.summary import soft_vote, summarise
from medtransfer.settings.params import Params


def main(params: Params, dataset: str, model: str) -> None:
    """Fold by fold: members of one fold were trained on the same images."""
    classes = store.settings_of_dataset(dataset).classes.read()
    members = [store.predictions(dataset, member) for member in store.members(model).read().members]
    probabilities = soft_vote([member.probabilities.read() for member in members], classes.names)
    split = store.split(dataset).read()
    summary = summarise(split.iloc[held_out_rows(split)], probabilities, classes)
    store.trained(dataset, model).history.write(pd.concat([member.history.read() for member in members]))
    store.evaluated(dataset, model).write(summary.predictions, summary.roc)
    origin = {"dataset": dataset, "model": model, "strategy": params.split.strategy}
    store.metrics(dataset, model).write(origin | summary.metrics)


if __name__ == "__main__":
    run(main)
