"""Run every statistical test over folds for every pair of models."""

from medtransfer import store
from medtransfer.command import run
from medtransfer.comparison.tests import TESTS, compare_pairs
from medtransfer.evaluation.metrics import shown_in
from medtransfer.settings.params import Params
from medtransfer.store.records import Comparison, PairedDifference


def main(params: Params, dataset: str) -> None:
    """Every metric's validation scores, fold by fold, and what each test says of them."""
    evaluations = {model: store.metrics(dataset, model).read() for model in params.study.compared}
    fold_scores = {
        model: {metric: evaluation.validation(metric) for metric in shown_in("comparison")}
        for model, evaluation in evaluations.items()
    }
    pairs = [
        PairedDifference(a=a, b=b, metric=metric, test=test, symbol=TESTS[test].symbol, **vars(difference))
        for metric in shown_in("comparison")
        for a, b, test, difference in compare_pairs({model: scores[metric] for model, scores in fold_scores.items()})
    ]
    store.comparison(dataset).write(Comparison(dataset, fold_scores, pairs))


if __name__ == "__main__":
    run(main)
