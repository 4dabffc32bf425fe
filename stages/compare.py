"""Run every statistical test for every pair of models: on the held-out images, over folds, and over fractions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.comparison.by_architecture import compare_by_architecture
from medtransfer.comparison.learning_curves import Fraction, LearningCurves, OnFractions, compare_learning_curves
from medtransfer.comparison.rows import HeldOut
from medtransfer.comparison.summary import HeldOutResults, Scored, summarise
from medtransfer.comparison.tests import TESTS, Folds, compare_pairs
from medtransfer.evaluation.intervals import paired_values
from medtransfer.evaluation.metrics import shown_in
from medtransfer.evaluation.predictions import Predictions
from medtransfer.evaluation.scores import leading
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import held_out_rows, left_out_to_trained
from medtransfer.store.records import Comparison, Evaluation, PairedDifference


def main(params: Params, dataset: str) -> None:
    """The tests of the metrics that `comparison` shows; p by Holm for the family of pairs that the baseline leaves."""
    evaluations = {model: store.metrics(dataset, model).read() for model in params.study.compared}
    split = store.split(dataset).read()
    folds = Folds(params.split.repeats, left_out_to_trained(split), params.compare.equivalence)
    comparison = over_folds(dataset, evaluations, folds, params.compare.baseline)
    store.comparison(dataset).write(comparison)
    classes = store.settings_of_dataset(dataset).classes.read()
    groups = split.iloc[held_out_rows(split)]["group"].to_numpy()
    positive = classes.code(classes.positive)
    models = {
        model: _scored(store.evaluated(dataset, model).predictions.read(), classes, groups) for model in evaluations
    }
    # Repeats are of the same images, so the ranks of one alone are compared.
    ranked = {model: values["accuracy"][: params.split.folds] for model, values in comparison.fold_scores.items()}
    of_classes = list(range(len(classes.names))) if positive is None else [positive]
    results = summarise(models, groups, of_classes, params.compare.baseline, ranked)
    recipes = {model: store.settings_of_model(model).model.read().recipe for model in params.study.models}
    contrasts = compare_by_architecture(recipes, {name: each.images.right for name, each in models.items()}, groups)
    store.held_out_comparison(dataset, HeldOutResults).write(replace(results, by_architecture=contrasts))
    curves = compare_learning_curves(_tested(dataset, params.study.models, classes, groups), recipes)
    store.learning_curves(dataset, LearningCurves).write(curves)


def over_folds(dataset: str, evaluations: dict[str, Evaluation], folds: Folds, baseline: str | None) -> Comparison:
    """The tests over folds, of validation scores."""
    fold_scores = {
        model: {metric: evaluation.validation(metric) for metric in shown_in("comparison")}
        for model, evaluation in evaluations.items()
    }
    pairs = []
    for metric in shown_in("comparison"):
        scores = {model: values[metric] for model, values in fold_scores.items()}
        for a, b, test, difference in compare_pairs(scores, folds, baseline):
            symbol = TESTS[test].symbol
            pairs.append(PairedDifference(a=a, b=b, metric=metric, test=test, symbol=symbol, **vars(difference)))
    return Comparison(dataset, fold_scores, pairs)


def _tested(dataset: str, models: Sequence[str], classes: Classes, groups: NDArray) -> OnFractions:
    """What each model gets right after training on fractions of the images."""
    tables = {model: store.fractions(dataset, model).read() for model in models}
    first = next(iter(tables.values()))  # all models are trained on the same rows
    of_fractions = first.groupby("fraction")[["images", "groups"]].mean()
    numbers = of_fractions.astype(float).round().astype(int).to_numpy().tolist()
    fractions = [Fraction(fraction, *each) for fraction, each in zip(of_fractions.index.tolist(), numbers, strict=True)]
    right = {}
    for model, table in tables.items():
        predicted = table[classes.names].to_numpy().argmax(axis=1) if len(table) else np.zeros(0)
        hits = pd.Series(predicted == classes.codes(table["actual"]), table.index)
        right[model] = [part.to_numpy().reshape(-1, len(groups)) for _, part in hits.groupby(table["fraction"])]
    return OnFractions(fractions, right, groups)


def _scored(table: pd.DataFrame, classes: Classes, groups: NDArray) -> Scored:
    actual, predicted = classes.codes(table["actual"]), classes.codes(table["predicted"])
    probabilities = table[classes.names].to_numpy()
    predictions = Predictions.of(actual, probabilities, predicted)
    positive = classes.code(classes.positive)
    values, resampled = leading(predictions, positive), paired_values(predictions, groups, positive)
    shown = shown_in("comparison")
    return Scored(
        HeldOut(table["id"].to_numpy(), actual, predicted, probabilities),
        {metric: values[metric] for metric in shown},
        {metric: resampled[metric] for metric in shown},
    )


if __name__ == "__main__":
    run(main)
