"""The comparison over folds as tables: how large differences are, and what each test says of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from medtransfer.comparison.critical_difference import Ranking
from medtransfer.comparison.detectable import detectable_over_folds
from medtransfer.comparison.effects import standardised_difference
from medtransfer.comparison.folds import PairedScores
from medtransfer.comparison.significance import LEVEL
from medtransfer.comparison.tests import TESTS
from medtransfer.report.held_out_tables import PAIR, pair
from medtransfer.report.numbers import UNDEFINED, or_dash, p_value, signed
from medtransfer.store.records import PairedDifference

Differences = Sequence[PairedDifference]
FEW = 2  # pairs that a note names


def of_metric(differences: Differences, metric: str = "accuracy") -> dict[str, list[PairedDifference]]:
    """The differences of one metric by test, tests in the order of TESTS."""
    by_test = {key: [each for each in differences if (each.metric, each.test) == (metric, key)] for key in TESTS}
    return {key: rows for key, rows in by_test.items() if rows}


def sizes(differences: Differences, scores: Mapping[str, Sequence[float]], repeats: int = 1) -> pd.DataFrame:
    """A row per pair: the mean difference over folds, its spread, effect size, and the detectable difference.

    `differences` are those of one test; `scores` has the metric of every model, fold by fold. Of repeated folds the
    effect size has no interval, and the detectable difference is that of the corrected t-test.
    """
    rows = []
    for each in differences:
        paired = PairedScores(np.array(scores[each.a], float), np.array(scores[each.b], float), repeats)
        effect = standardised_difference(paired)
        rows.append(
            {
                PAIR: pair(each.a, each.b),
                "mean difference": signed(each.mean_difference),
                "s.d.": f"{each.standard_deviation:.3f}",
                "effect size": UNDEFINED if effect is None else signed(effect.d, 2),
                "95 % interval": UNDEFINED
                if effect is None or repeats > 1
                else f"{signed(effect.low, 2)} to {signed(effect.high, 2)}",
                "detectable": or_dash(
                    detectable_over_folds(paired, repeats > 1, LEVEL / len(differences)).difference, ".3f"
                ),
            }
        )
    return pd.DataFrame(rows)


def of_test(differences: Differences) -> pd.DataFrame:
    """A row per pair: what one test says. The test heads the rows; a column that no pair has is left out."""
    return pd.DataFrame([_row(each) for each in differences]).fillna(UNDEFINED)


def _row(each: PairedDifference) -> dict[str, str]:
    row: dict[str, str] = {TESTS[each.test].title: pair(each.a, each.b)}
    if each.symbol:
        row[each.symbol] = or_dash(each.statistic, ".2f")
    if each.probabilities is not None:
        return row | dict(
            zip(("higher", "equivalent", "lower"), (f"{share:.3f}" for share in each.probabilities), strict=True)
        )
    if each.symbol or each.p is not None:
        row |= {"p": p_value(each.p), "p by Holm": p_value(each.holm_p)}
    if each.interval is not None:
        row["95 % interval"] = f"{signed(each.interval[0])} to {signed(each.interval[1])}"
    return row


def notes(differences: Differences) -> str:
    """What the results of one test cannot say, each note once, with its pairs (or their number) where not of all."""
    by_note: dict[str, list[str]] = {}
    for each in differences:
        if each.note:
            by_note.setdefault(each.note, []).append(f"{each.a} − {each.b}")
    return " ".join(
        note if len(pairs) == len(differences) else f"{_named(pairs)}: {note[0].lower()}{note[1:]}"
        for note, pairs in by_note.items()
    )


def _named(pairs: Sequence[str]) -> str:
    return f"Of {len(pairs)} pairs" if len(pairs) > FEW else f"Of {' and '.join(pairs)}"


def nemenyi(ranking: Ranking) -> pd.DataFrame:
    """A row per pair: the distance of the mean ranks, and Nemenyi's p."""
    return pd.DataFrame(
        [
            {
                "Nemenyi's test": pair(a, b),
                "difference of mean ranks": signed(ranking.mean_ranks[a] - ranking.mean_ranks[b], 2),
                "p": p_value(p),
            }
            for a, b, p in ranking.nemenyi
        ]
    )
