"""What a paper prints beside what was measured here: side by side, never mixed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from medtransfer.evaluation.metrics import METRICS, by_printed_name
from medtransfer.report.numbers import UNDEFINED
from medtransfer.settings.reported import Reported, Result, Tested
from medtransfer.store.records import Evaluation, PairedDifference, Scores

NOT_RUN = "not run"
NOT_MEASURED = "not measured"
COLUMNS = ["model", "number", "of", "paper", "ours", "difference", "printed in"]
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "mean": lambda shares: float(np.mean(shares)),
    "variance": lambda shares: 100 * float(np.var(shares, ddof=1)),  # of percentages, printed as per cent
    "standard deviation": lambda shares: float(np.std(shares, ddof=1)),
}
# Numbers that training itself has kept, by the names of its history: losses with the network's penalties in them.
IN_HISTORY = {("training", "accuracy"): "accuracy", ("training", "loss"): "loss", ("validation", "loss"): "val_loss"}
PAIRED_T = "paired t"  # the test among ours that stands beside a paper's t
FINE = ("variance", "standard deviation")  # too small for three digits


@dataclass(frozen=True)
class Measured:
    """What was measured here."""

    evaluations: Mapping[str, Evaluation]  # of each model
    # Of the epochs kept, a value a fold: accuracy and loss on training images, val_loss with the network's penalties.
    kept: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    pairs: Sequence[PairedDifference] = ()  # tests over folds


def paper_against_ours(reported: Reported, measured: Measured, dataset: str) -> pd.DataFrame:
    """A row per number that a paper prints of `dataset`, and what the same model has here; times are not among them.

    Scores are shares 0..1; the difference is ours less the paper's. `ours` is "not run" where the model was not, and
    "not measured" where this number is not. Numbers after the source are those of `notes`.
    """
    numbers = {note: number for number, note in enumerate(notes(reported, dataset), start=1)}
    rows = []
    for entry in _of(reported, dataset):
        source = f"{entry.source} [{numbers[entry.note]}]" if entry.note else entry.source
        rows += [row | {"printed in": source} for row in _rows(entry, measured)]
    return pd.DataFrame(rows, columns=COLUMNS)


def notes(reported: Reported, dataset: str) -> list[str]:
    """Remarks on the rows of `paper_against_ours`, in their order, each once."""
    return list(dict.fromkeys(entry.note for entry in _of(reported, dataset) if entry.note))


def _of(reported: Reported, dataset: str) -> list[Result | Tested]:
    name = reported.same_images.get(dataset, dataset)
    return [*(result for result in reported.results if result.dataset == name), *reported.tests]


def _rows(entry: Result | Tested, measured: Measured) -> Iterator[dict[str, str]]:
    match entry:
        case Result():
            yield from _result(entry, measured)
        case Tested():
            yield from _test(entry, measured)


def _result(result: Result, measured: Measured) -> Iterator[dict[str, str]]:
    evaluation = measured.evaluations.get(result.model)
    fold = f"fold {result.fold}" if result.fold else None
    of = ", ".join(part for part in (result.part, fold, result.statistic) if part)
    for name, printed in result.metrics.items():
        score = None
        if evaluation is not None:
            score = _score(evaluation, measured.kept.get(result.model, {}), result, by_printed_name()[name])
        title = _title(name) + (f", {result.label}" if result.label else "")
        digits = 5 if result.statistic in FINE else 3
        number = {"model": result.model, "number": title, "of": of}
        yield _row(number, printed, score, evaluation is not None, digits)
    if result.confusion is not None:
        number = {"model": result.model, "number": "confusion", "of": of}
        row = _row(number, None, None, evaluation is not None)
        tested = result.part == "test" and result.fold is None and result.statistic is None
        counts = evaluation.test.confusion if evaluation and tested else None
        yield row | {"paper": _counts(result.confusion)} | ({"ours": _counts(counts)} if counts else {})


def _title(name: str) -> str:
    """Of a metric, by a name that a paper prints it under."""
    metric = METRICS[by_printed_name()[name]]
    title = name if name in metric.other_names else metric.title
    return f"{title} ({metric.unit})" if metric.unit else title


def _score(evaluation: Evaluation, kept: Mapping[str, Sequence[float]], result: Result, metric: str) -> float | None:
    """Our number that answers to one of a paper's, or None."""
    over_folds = result.part != "test" or result.fold is not None or result.statistic is not None
    if key := IN_HISTORY.get((result.part, metric)):
        values = list(kept.get(key, ())) if result.label is None else []
    elif result.part == "training":
        values = []
    else:
        folds = [fold.test if result.part == "test" else fold.validation for fold in evaluation.folds]
        parts = folds if over_folds else [evaluation.test]
        values = [value for part in parts for value in _of_class(part, evaluation.classes, result.label, metric)]
    if result.fold:
        values = values[result.fold - 1 : result.fold]
    if not values or (len(values) < 2 and result.statistic in FINE):
        return None
    return STATISTICS[result.statistic or "mean"](values)


def _of_class(scores: Scores, classes: Sequence[str], label: str | None, metric: str) -> Iterator[float]:
    values = scores.values
    if label is not None:
        values = scores.per_class[classes.index(label)] if label in classes else {}
    if metric in values:
        yield values[metric]


def _test(tested: Tested, measured: Measured) -> Iterator[dict[str, str]]:
    run = {tested.a, tested.b} <= measured.evaluations.keys()
    of, title = {"model": f"{tested.a} – {tested.b}", "of": "validation"}, _title(tested.metric)
    metric, t, p = by_printed_name()[tested.metric], None, None
    for pair in measured.pairs:
        of_these = pair.metric == metric and {pair.a, pair.b} == {tested.a, tested.b}
        if of_these and pair.test == PAIRED_T and pair.statistic is not None:
            t, p = (1 if pair.a == tested.a else -1) * pair.statistic, pair.p
    yield _row(of | {"number": f"t of {title}"}, tested.t, t, run)
    row = _row(of | {"number": f"p of {title}"}, None, p, run)
    yield row | {"paper": f"above {tested.p_above:g}"}


def _row(
    of: Mapping[str, str], printed: float | None, ours: float | None, run: bool, digits: int = 3
) -> dict[str, str]:
    """`of` says which number it is: model, number, of; `run` whether the model was run here."""
    row = {**of, "difference": UNDEFINED}
    row["paper"] = UNDEFINED if printed is None else f"{printed:.{digits}f}"
    row["ours"] = (NOT_MEASURED if run else NOT_RUN) if ours is None else f"{ours:.{digits}f}"
    if printed is not None and ours is not None:
        row["difference"] = f"{ours - printed:+.{digits}f}"
    return row


def _counts(confusion: Sequence[Sequence[int]]) -> str:
    return "; ".join(" ".join(map(str, row)) for row in confusion)
