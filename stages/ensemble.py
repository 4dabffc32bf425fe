"""A soft-voting ensemble: the mean of its members' probabilities, evaluated like any model's."""

import pandas as pd

from medtransfer import store
from medtransfer.command import run
from medtransfer.evaluation.summary import mean_of_members, summarise
from medtransfer.settings.params import Params
from medtransfer.store.partitions import held_out_rows
from medtransfer.store.records import Evaluation


def main(params: Params, dataset: str, model: str) -> None:
    """Fold by fold: members of one fold were trained on the same images."""
    classes = store.settings_of_dataset(dataset).classes.read()
    members = {name: store.predictions(dataset, name) for name in store.members(model).read().members}
    probabilities = mean_of_members([member.probabilities.read() for member in members.values()], classes.names)
    split = store.split(dataset).read()
    summary = summarise(split.iloc[held_out_rows(split)], probabilities, classes)
    histories = [member.history.read() for member in members.values()]
    store.trained(dataset, model).history.write(pd.concat(histories, join="inner"))
    store.trained(dataset, model).members.write(
        {name: member.networks.read()["sha256"] for name, member in members.items()}
    )
    store.evaluated(dataset, model).write(summary.predictions, summary.roc)
    evaluation = Evaluation.of(dataset=dataset, model=model, strategy=params.split.strategy, **summary.metrics)
    store.metrics(dataset, model).write(evaluation)


if __name__ == "__main__":
    run(main)
