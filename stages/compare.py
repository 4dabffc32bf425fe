"""Compare every pair of models by the paired t-test over folds."""

from dataclasses import asdict
from itertools import combinations

import numpy as np

from medtransfer import store
from medtransfer.command import run
from medtransfer.comparison.paired import paired_t_test
from medtransfer.settings.params import Params

METRICS = ("accuracy", "sensitivity", "specificity", "f1", "roc_auc")


def main(params: Params, dataset: str) -> None:
    """Tests of every metric's validation scores, fold by fold, for every pair of models of the study."""
    measured = {model: store.metrics(dataset, model).read() for model in params.study.compared}
    fold_scores = {
        model: {name: [fold["validation"][name] for fold in content["folds"]] for name in METRICS}
        for model, content in measured.items()
    }
    pairs = [
        {"a": a, "b": b, "metric": name, "test": "paired t"}
        | asdict(paired_t_test(np.array(fold_scores[a][name]), np.array(fold_scores[b][name])))
        for name in METRICS
        for a, b in combinations(fold_scores, 2)
        if len(fold_scores[a][name]) > 1  # one validation part leaves nothing to test
    ]
    store.comparison(dataset).write({"dataset": dataset, "fold_scores": fold_scores, "pairs": pairs})


if __name__ == "__main__":
    run(main)
