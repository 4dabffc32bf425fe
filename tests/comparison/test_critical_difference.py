"""Friedman's and Nemenyi's tests by the worked example of Demsar (2006)."""

import numpy as np
import pytest

from medtransfer.comparison.critical_difference import ranking
from medtransfer.settings.errors import UserError

# Table 6: AUC of C4.5 on 14 data sets. Where two of its ranks differ at equal printed digits (voting), so do these.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
    ]
)  # fmt: skip
NAMES = ("plain", "m", "cf", "m+cf")
SCORES = {name: list(column) for name, column in zip(NAMES, DEMSAR.T, strict=True)}


def test_demsars_example() -> None:
    result = ranking(SCORES)
    assert result.mean_ranks == pytest.approx({"m+cf": 1.964, "m": 2.000, "cf": 2.893, "plain": 3.143}, abs=5e-4)
    assert list(result.mean_ranks) == ["m+cf", "m", "cf", "plain"]
    assert result.critical_difference == pytest.approx(1.25, abs=5e-3)
    # The paper leaves the correction for ties out: three ties of two, one of four, of 14 rows of 4.
    assert result.statistic is not None
    assert result.statistic * (1 - (3 * 6 + 60) / (14 * 60)) == pytest.approx(9.28, abs=0.01)
    assert result.degrees_of_freedom == 3
    assert result.alike == [["m+cf", "m", "cf", "plain"]]
    assert not any(p < 0.05 for *_, p in result.nemenyi)
    assert "rough" not in result.assumes


def test_demsars_example_at_ten_percent() -> None:
    result = ranking(SCORES, level=0.1)
    assert result.critical_difference == pytest.approx(1.12, abs=5e-3)
    assert {frozenset(pair) for *pair, p in result.nemenyi if p < 0.1} == {
        frozenset(["plain", "m"]),
        frozenset(["plain", "m+cf"]),
    }
    assert result.alike == [["m+cf", "m", "cf"], ["cf", "plain"]]


def test_lower_is_better_turns_the_ranks_round() -> None:
    losses = {name: [1 - value for value in each] for name, each in SCORES.items()}
    assert ranking(losses, higher_is_better=False).mean_ranks == ranking(SCORES).mean_ranks


def test_equal_scores_in_every_fold_are_undefined() -> None:
    result = ranking({name: [0.5, 0.6] for name in "abc"})
    assert (result.statistic, result.p) == (None, None)
    assert result.alike == [["a", "b", "c"]]
    assert "With 2 folds the chi-square of Friedman's test is rough." in result.assumes


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({"a": [0.1, 0.2], "b": [0.1, 0.2]}, "at least three models"),
        ({"a": [0.1], "b": [0.1], "c": [0.2]}, "Not available with one validation part"),
        ({"a": [0.1, 0.2], "b": [0.1], "c": [0.2]}, "the same folds"),
        ({"a": [0.1, 0.2], "b": [0.1, np.nan], "c": [0.2, 0.3]}, "not a number"),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores: dict[str, list[float]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        ranking(scores)
