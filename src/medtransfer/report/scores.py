"""Every score of the held-out test set with its 95 % interval: of all models, of one model, and as printed."""

from collections.abc import Mapping
from statistics import stdev

import pandas as pd

from medtransfer.evaluation.metrics import METRICS, shown_in
from medtransfer.report.blocks import with_detail
from medtransfer.report.estimates import bounds_of, cell, ends, score_cell
from medtransfer.report.numbers import UNDEFINED
from medtransfer.store.records import Bounds, Evaluation, Scores, Values

COPY_FREE = "copy-free"
NO_INTERVAL = str(with_detail("", UNDEFINED))
NONE: dict[str, Bounds] = {}


def architectures(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """A row per model: its test scores, each with its interval.

    `copy-free` is the accuracy on the test images that have no copy in development.
    """
    rows = []
    for model, evaluation in evaluations.items():
        scores = {metric.title: score_cell(evaluation.test, key) for key, metric in shown_in("architectures").items()}
        free = evaluation.test_copy_free
        rows.append({"model": model} | scores | {COPY_FREE: cell(free.accuracy, free.interval)})
    return pd.DataFrame(rows)


def printed(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """The same as plain text: below the row of a model, one of intervals and, of folds, one of their spread.

    A title and a cell are one word each, so that the table can be read by column again.
    """
    rows = []
    for model, evaluation in evaluations.items():
        shown = shown_in("architectures")
        free, spread = evaluation.test_copy_free, _spread(evaluation)
        intervals = {key: bounds_of(evaluation.test, key) for key in shown}
        lines = [
            {"model": model}
            | {key: f"{evaluation.test.values[key]:.3f}" for key in shown}
            | {COPY_FREE: UNDEFINED if free.accuracy is None else f"{free.accuracy:.3f}"},
            {"model": ""}
            | {key: UNDEFINED if bounds is None else ends(*bounds[:2], "–") for key, bounds in intervals.items()}
            | {COPY_FREE: UNDEFINED if free.interval is None else ends(*free.interval, "–")},
        ]
        if spread:
            lines.append({"model": ""} | {key: f"±{spread[key]:.3f}" for key in shown} | {COPY_FREE: ""})
        rows += lines
    titles = {key: metric.title.replace(" ", "-") for key, metric in METRICS.items()}
    return pd.DataFrame(rows).rename(columns=titles)


def spread(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """A row per model that is tested fold by fold: the standard deviation (n - 1) of its folds' test scores."""
    shown = shown_in("architectures")
    rows = [
        {"model": model} | {metric.title: f"{deviations[key]:.3f}" for key, metric in shown.items()}
        for model, evaluation in evaluations.items()
        if (deviations := _spread(evaluation))
    ]
    return pd.DataFrame(rows)


def by_fold(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """A row per model and fold: test scores of this fold's network, with intervals. Empty where there is one fold."""
    shown = shown_in("architectures")
    rows = [
        {"model": model, "fold": str(fold.fold + 1)}
        | {metric.title: score_cell(fold.test, key) for key, metric in shown.items()}
        for model, evaluation in evaluations.items()
        for fold in evaluation.folds
        if len(evaluation.folds) > 1
    ]
    return pd.DataFrame(rows)


def _spread(evaluation: Evaluation) -> Values:
    """Empty where one model is tested, or one fold."""
    if evaluation.tested != "folds" or len(evaluation.folds) < 2:
        return {}
    return {key: stdev(fold.test.values[key] for fold in evaluation.folds) for key in evaluation.test.values}


def per_class(evaluation: Evaluation) -> pd.DataFrame:
    """A row per class of one model, and their means: each class against the rest, on the test set."""
    test, intervals = evaluation.test, evaluation.test.intervals
    of_classes = intervals.per_class if intervals else [NONE] * len(test.per_class)
    rows = [
        *zip(evaluation.classes, test.per_class, of_classes, strict=True),
        ("mean over classes", test.macro, intervals.macro if intervals else NONE),
        ("mean weighted by images", test.weighted, intervals.weighted if intervals else NONE),
    ]
    return pd.DataFrame(
        [
            {"class": name} | {METRICS[key].title: cell(value, bounds.get(key)) for key, value in values.items()}
            for name, values, bounds in rows
        ]
    )


def details(evaluation: Evaluation) -> pd.DataFrame:
    """A row per metric of one model: the score, that of disease against no disease, and how intervals were made."""
    sides: dict[str, Scores] = {"score": evaluation.test}
    if evaluation.disease is not None:
        sides["disease against none"] = evaluation.disease
    rows = []
    for key, metric in shown_in("details").items():
        title = with_detail(metric.title, metric.unit) if metric.unit else metric.title
        methods = [bounds.method if (bounds := bounds_of(scores, key)) else UNDEFINED for scores in sides.values()]
        cells = {name: score_cell(scores, key) for name, scores in sides.items()}
        rows.append({"metric": title} | cells | {"interval by": "; ".join(dict.fromkeys(methods))})
    return pd.DataFrame(rows)


def without_intervals(frame: pd.DataFrame) -> bool:
    """Whether a cell of a table of scores has a dash in place of an interval."""
    return any(str(cell).endswith(NO_INTERVAL) for cell in frame.to_numpy().flat)
