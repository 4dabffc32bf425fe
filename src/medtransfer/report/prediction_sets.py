"""Prediction sets as tables and sentences: how often they hold the true class, and how large they are."""

from collections.abc import Mapping, Sequence

import pandas as pd

from medtransfer.evaluation.decisions import Decisions
from medtransfer.report.estimates import in_words, interval_cell
from medtransfer.report.sentences import one_or_each


def coverages(all_decisions: Mapping[str, Decisions], classes: Sequence[str]) -> pd.DataFrame:
    """A row per model that has sets: the share that holds the true class, of all images and of each class."""
    return pd.DataFrame(
        [
            {"model": model, "all images": interval_cell(each.coverage.overall)}
            | {name: interval_cell(share) for name, share in zip(classes, each.coverage.per_class, strict=True)}
            for model, each in all_decisions.items()
            if each.coverage is not None
        ]
    )


def sizes(all_decisions: Mapping[str, Decisions]) -> pd.DataFrame:
    """A row per model that has sets: the mean number of classes in a set, and the shares of sets by their size."""
    return pd.DataFrame(
        [
            {
                "model": model,
                "mean size": interval_cell(each.coverage.size),
                "empty": interval_cell(each.coverage.empty),
                "one class": interval_cell(each.coverage.single),
                "several": interval_cell(each.coverage.several),
            }
            for model, each in all_decisions.items()
            if each.coverage is not None
        ]
    )


def missing(all_decisions: Mapping[str, Decisions]) -> list[str]:
    """Of which models there are no sets, and why."""
    return list(
        one_or_each(
            {model: each.without_coverage for model, each in all_decisions.items() if each.coverage is None},
            len(all_decisions),
        )
    )


def below(all_decisions: Mapping[str, Decisions], classes: Sequence[str]) -> str:
    """Which coverages lie below the level by more than their interval; empty where there are no sets."""
    measured = {model: each for model, each in all_decisions.items() if each.coverage is not None}
    if not measured:
        return ""
    short = []
    for model, each in measured.items():
        shares = {"all images": each.coverage.overall} if each.coverage else {}
        shares |= dict(zip(classes, each.coverage.per_class, strict=True)) if each.coverage else {}
        short += [f"{model}, {name}: {in_words(share)}" for name, share in shares.items() if share.high < each.level]
    if not short:
        return "No coverage lies below the level by more than its interval."
    return f"Coverage lies below the level, by more than its interval: {'; '.join(short)}."
