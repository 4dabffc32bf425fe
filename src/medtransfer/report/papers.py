"""What a paper prints beside what was measured here: side by side, never mixed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from medtransfer.report.tables import SCORES, UNDEFINED
from medtransfer.settings.reported import Reported, Result, Tested

NOT_RUN = "not run"
NOT_MEASURED = "not measured"
TITLES = SCORES | {"precision": "precision", "recall": "recall", "loss": "loss (nats)"}
OUR_NAMES = {"recall": "sensitivity"}  # for metrics that have two names
COLUMNS = ["model", "number", "of", "paper", "ours", "difference", "printed in"]
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "mean": lambda shares: float(np.mean(shares)),
    "variance": lambda shares: 100 * float(np.var(shares, ddof=1)),  # of percentages, printed as per cent
    "standard deviation": lambda shares: float(np.std(shares, ddof=1)),
}
# Numbers that training itself has kept, by the names of its history: losses with the network's penalties in them.
IN_HISTORY = {("training", "accuracy"): "accuracy", ("training", "loss"): "loss", ("validation", "loss"): "val_loss"}
FINE = ("variance", "standard deviation")  # too small for three digits


@dataclass(frozen=True)
class Measured:
    """What was measured here."""

    metrics: Mapping[str, dict[str, Any]]  # of each model, its metrics file: `classes`, `test`, `folds`
    # Of the epochs kept, a value a fold: accuracy and loss on training images, val_loss with the network's penalties.
    kept: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    pairs: Sequence[Mapping[str, Any]] = ()  # paired t-tests over folds


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
    content = measured.metrics.get(result.model)
    fold = f"fold {result.fold}" if result.fold else None
    of = ", ".join(part for part in (result.part, fold, result.statistic) if part)
    for metric, printed in result.metrics.items():
        name = OUR_NAMES.get(metric, metric)
        score = None if content is None else _score(content, measured.kept.get(result.model, {}), result, name)
        title = TITLES[metric] + (f", {result.label}" if result.label else "")
        digits = 5 if result.statistic in FINE else 3
        number = {"model": result.model, "number": title, "of": of}
        yield _row(number, printed, score, content is not None, digits)
    if result.confusion is not None:
        number = {"model": result.model, "number": "confusion", "of": of}
        row = _row(number, None, None, content is not None)
        tested = result.part == "test" and result.fold is None and result.statistic is None
        ours = content["test"]["confusion"] if content and tested else None
        yield row | {"paper": _counts(result.confusion)} | ({"ours": _counts(ours)} if ours else {})


def _score(content: Mapping[str, Any], kept: Mapping[str, Sequence[float]], result: Result, name: str) -> float | None:
    """Our number for one of a paper's, or None."""
    over_folds = result.part != "test" or result.fold is not None or result.statistic is not None
    if key := IN_HISTORY.get((result.part, name)):
        values = list(kept.get(key, ())) if result.label is None else []
    else:
        parts = [fold.get(result.part, {}) for fold in content["folds"]] if over_folds else [content["test"]]
        values = [value for part in parts for value in _of_class(part, content["classes"], result.label, name)]
    if result.fold:
        values = values[result.fold - 1 : result.fold]
    if not values or (len(values) < 2 and result.statistic in FINE):
        return None
    return STATISTICS[result.statistic or "mean"](values)


def _of_class(part: Mapping[str, Any], classes: Sequence[str], label: str | None, name: str) -> Iterator[float]:
    if label is not None:
        part = part["per_class"][classes.index(label)] if label in classes and part else {}
    if name in part:
        yield part[name]


def _test(tested: Tested, measured: Measured) -> Iterator[dict[str, str]]:
    run = {tested.a, tested.b} <= measured.metrics.keys()
    of, title = {"model": f"{tested.a} – {tested.b}", "of": "validation"}, TITLES[tested.metric]
    t = p = None
    for pair in measured.pairs:
        if pair["metric"] == tested.metric and {pair["a"], pair["b"]} == {tested.a, tested.b} and pair["p"] is not None:
            t, p = (1 if pair["a"] == tested.a else -1) * pair["t"], pair["p"]
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
