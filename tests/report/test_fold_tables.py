"""Tables of the tests over folds: a row for each pair, a table for each test."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from medtransfer.report import fold_tables
from medtransfer.store.records import PairedDifference
from tests.report.comparison_results import RANKING

PAIR = PairedDifference("m", "n", "accuracy", "paired t", 0.1, 0.0, "t", None, None, 3)
BAYESIAN = replace(PAIR, test="bayesian t", symbol="", probabilities=(0.9, 0.0625, 0.0375))


def test_differences_of_a_metric_are_told_apart_by_test() -> None:
    pairs_by_test = fold_tables.of_metric([BAYESIAN, PAIR, replace(PAIR, metric="f1")])
    assert pairs_by_test == {"paired t": [PAIR], "bayesian t": [BAYESIAN]}
    assert fold_tables.of_metric([]) == {}


def test_undefined_t_is_a_dash_and_a_column_is_there_if_one_pair_has_it() -> None:
    whole = replace(PAIR, a="k", statistic=-2.0, p=0.0002, holm_p=0.0004, interval=(-0.2, 0.4))
    first, second = fold_tables.of_test([PAIR, whole]).to_dict("records")
    assert first == {
        "paired t-test": "m<small>− n</small>", "t": "–", "p": "–", "p by Holm": "–", "95 % interval": "–",
    }  # fmt: skip
    assert list(second.values())[1:] == ["-2.00", "< 0.001", "< 0.001", "-0.200 to +0.400"]


def test_probabilities_take_the_place_of_p() -> None:
    (row,) = fold_tables.of_test([BAYESIAN]).to_dict("records")
    assert list(row) == ["Bayesian correlated t-test", "higher", "equivalent", "lower"]
    assert list(row.values())[1:] == ["0.900", "0.062", "0.037"]


def test_effect_size_and_the_detectable_difference_of_a_pair() -> None:
    """A true difference as large as the detectable one is seen in 80 of 100 simulated repetitions."""
    scores = {"m": [0.9, 0.8, 0.85, 0.7], "n": [0.8, 0.75, 0.6, 0.65], "k": [0.7, 0.6, 0.65, 0.5]}
    differences = np.subtract(scores["m"], scores["n"])
    deviation = float(differences.std(ddof=1))
    pair = replace(PAIR, mean_difference=float(differences.mean()), standard_deviation=deviation)
    first, second = fold_tables.sizes([pair, replace(PAIR, b="k", mean_difference=0.2)], scores).to_numpy().tolist()
    t = stats.ttest_rel(scores["m"], scores["n"]).statistic
    assert first[1:4] == [f"{differences.mean():+.3f}", f"{deviation:.3f}", f"{t / 2:+.2f}"]
    simulated = np.random.default_rng(0).normal(float(first[-1]), deviation, (4000, 4))
    power = (stats.ttest_1samp(simulated, 0, axis=1).pvalue < 0.05 / 2).mean()
    assert power == pytest.approx(0.8, abs=0.02)
    assert second[3:] == ["–", "–", "–"]


def test_a_note_stands_once_and_names_few_pairs() -> None:
    noted = [replace(PAIR, a=name, note="Few folds.") for name in "abc"]
    assert fold_tables.notes(noted) == "Few folds."
    assert fold_tables.notes([*noted, PAIR]) == "Of 3 pairs: few folds."
    assert fold_tables.notes([noted[0], PAIR]) == "Of a − n: few folds."
    assert fold_tables.notes([PAIR]) == ""


def test_nemenyis_rows_are_differences_of_mean_ranks() -> None:
    rows = fold_tables.nemenyi(RANKING).to_numpy().tolist()
    assert rows[1] == ["cnn<small>− both</small>", "+1.75", "0.040"]
