"""A soft-voting ensemble: the mean of its members' probabilities, evaluated like any model's."""

import pandas as pd

from medtransfer import store
from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.results import evaluate
from medtransfer.evaluation.summary import mean_of_members
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.records import Evaluation


def main(params: Params, dataset: str, model: str) -> None:
    """Fold by fold: members of one fold were trained on the same images."""
    classes = store.settings_of_dataset(dataset).classes.read()
    members = {name: store.predictions(dataset, name) for name in store.members(model).read().members}
    probabilities = mean_of_members([member.probabilities.read() for member in members.values()], classes.names)
    results = evaluate(store.split(dataset).read(), probabilities, classes, params.evaluate)
    histories = [member.history.read() for member in members.values()]
    store.trained(dataset, model).history.write(pd.concat(histories, join="inner"))
    store.trained(dataset, model).members.write(
        {name: member.networks.read()["sha256"] for name, member in members.items()}
    )
    evaluation = Evaluation.of(dataset=dataset, model=model, strategy=params.split.strategy, **results.metrics)
    store.metrics(dataset, model).write(evaluation)
    store.development(dataset, model, Development).write(results.development)
    store.evaluated(dataset, model).write(results.tables)
    store.evaluated(dataset, model).decisions(Decisions).write(results.decisions)


if __name__ == "__main__":
    run(main)
