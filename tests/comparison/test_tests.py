"""Every row of TESTS by what holds for any test; the paired t-test against its formula and what a paper printed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from medtransfer.comparison.folds import Difference, PairedScores
from medtransfer.comparison.tests import TESTS, Folds, Test, compare_pairs, paired_t
from medtransfer.report import fold_tables
from medtransfer.settings.errors import UserError
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.reported import Reported
from medtransfer.store.records import PairedDifference
from stages import compare
from tests.conftest import ROOT
from tests.evaluations import evaluation, scores

SCORES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10)
SHARES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=8)  # of 200 images


@pytest.mark.parametrize("key", TESTS)
@settings(max_examples=25, deadline=None)
@given(folds=SHARES, seed=st.integers(0, 99))
def test_result_is_of_a_minus_b_whatever_the_order(key: str, folds: list[tuple[int, int]], seed: int) -> None:
    a, b = np.array(folds).T / 200
    one, other = TESTS[key].function(PairedScores(a, b)), TESTS[key].function(PairedScores(b, a))
    order = np.random.default_rng(seed).permutation(len(a))
    shuffled = TESTS[key].function(PairedScores(a[order], b[order]))
    assert one.folds == len(a)
    assert one.mean_difference == pytest.approx((a - b).mean(), abs=1e-12)
    assert one.standard_deviation == pytest.approx((a - b).std(ddof=1), abs=1e-9)
    assert other.mean_difference == -one.mean_difference
    for again in (other, shuffled):
        assert (again.p is None) == (one.p is None)
        if one.p is not None and again.p is not None:
            assert 0 <= one.p <= 1
            assert again.p == pytest.approx(one.p, rel=1e-3, abs=1e-9)
    if one.interval is not None:
        assert one.interval[0] <= one.mean_difference <= one.interval[1]


@pytest.mark.parametrize("key", TESTS)
def test_a_model_does_not_differ_from_itself(key: str) -> None:
    same = np.array([0.7, 0.8, 0.9])
    difference = TESTS[key].function(PairedScores(same, same))
    assert difference.mean_difference == 0
    assert difference.p is None or difference.p > 0.5


@given(folds=SCORES)
def test_paired_t_is_its_formula(folds: list[tuple[float, float]]) -> None:
    """Student's p as the incomplete beta function: Abramowitz and Stegun (1964), 26.7.1."""
    a, b = np.array(folds).T
    n, differences = len(a), [x - y for x, y in folds]
    mean = math.fsum(differences) / n
    deviation = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (n - 1))
    if deviation < 1e-6:
        return
    t = mean / (deviation / math.sqrt(n))
    result = paired_t(PairedScores(a, b))
    assert result.statistic == pytest.approx(t, rel=1e-6)
    assert result.p == pytest.approx(special.betainc((n - 1) / 2, 0.5, (n - 1) / (n - 1 + t**2)), rel=1e-6)


def test_equal_differences_have_no_t() -> None:
    result = paired_t(PairedScores(np.array([0.9, 0.8, 0.7]), np.array([0.8, 0.7, 0.6])))
    assert (result.statistic, result.p) == (None, None)
    assert result.mean_difference == pytest.approx(0.1)


@pytest.fixture(scope="module")
def jardim() -> Reported:
    """What Jardim et al. (2024) print."""
    return load_reported(ROOT)["jardim2024"]


def of_folds(jardim: Reported, model: str) -> NDArray[np.float64]:
    rows = [result for result in jardim.results if result.model == model and result.fold]
    return np.array([row.metrics["accuracy"] for row in sorted(rows, key=lambda row: row.fold or 0)])


def printed(jardim: Reported, model: str, statistic: str) -> float:
    (row,) = [result for result in jardim.results if result.model == model and result.statistic == statistic]
    return row.metrics["accuracy"]


def test_jardims_table_1_paired(jardim: Reported) -> None:
    scratch, transfer = of_folds(jardim, "jardim_cnn"), of_folds(jardim, "jardim_resnet50v2")
    assert (len(scratch), len(transfer)) == (3, 3)
    result, expected = paired_t(PairedScores(transfer, scratch)), stats.ttest_rel(transfer, scratch)
    assert result.statistic == pytest.approx(expected.statistic)
    assert result.p == pytest.approx(expected.pvalue)
    assert result.statistic == pytest.approx(0.371, abs=5e-4)
    assert result.p == pytest.approx(0.75, abs=5e-3)


def test_jardims_printed_t_is_an_unpaired_one(jardim: Reported) -> None:
    """Of the rounded means and the printed standard deviations, which are not those of the folds."""
    moments = [
        (printed(jardim, model, "mean"), printed(jardim, model, "standard deviation"), 3)
        for model in ("jardim_resnet50v2", "jardim_cnn")
    ]
    unpaired = stats.ttest_ind_from_stats(*moments[0], *moments[1])
    (test,) = jardim.tests
    assert test.t == 0.3977
    assert unpaired.statistic == pytest.approx(test.t, abs=5e-4)
    assert unpaired.pvalue > test.p_above
    scratch, transfer = of_folds(jardim, "jardim_cnn"), of_folds(jardim, "jardim_resnet50v2")
    assert stats.ttest_ind(transfer, scratch).statistic == pytest.approx(0.304, abs=5e-4)
    assert [transfer.std(ddof=1), scratch.std(ddof=1)] == pytest.approx([0.00505, 0.00302], abs=5e-6)


@pytest.mark.parametrize("key", TESTS)
def test_symbol_can_stand_beside_the_other_columns(key: str) -> None:
    assert TESTS[key].symbol not in PairedDifference.__dataclass_fields__


def test_every_two_models_are_compared_by_every_test() -> None:
    folds = {"a": [0.1, 0.2], "b": [0.3, 0.3], "c": [0.5, 0.1]}
    compared = [(a, b, key) for a, b, key, _ in compare_pairs(folds)]
    assert compared == [(a, b, key) for a, b in (("a", "b"), ("a", "c"), ("b", "c")) for key in TESTS]


def test_a_baseline_leaves_the_pairs_with_it() -> None:
    folds = {"a": [0.1, 0.2], "b": [0.3, 0.3], "c": [0.5, 0.1]}
    assert [(a, b) for a, b, key, _ in compare_pairs(folds, baseline="b") if key == "paired t"] == [
        ("a", "b"),
        ("c", "b"),
    ]


def test_p_is_corrected_for_the_pairs_of_a_test() -> None:
    rng = np.random.default_rng(0)
    folds = {name: list(rng.normal(size=5)) for name in "abc"}
    for key in ("paired t", "corrected t", "wilcoxon"):
        differences = [difference for *_, name, difference in compare_pairs(folds) if name == key]
        smallest = min(differences, key=lambda each: each.p or 0)
        assert smallest.holm_p == pytest.approx(min(1, 3 * (smallest.p or 0)))


@pytest.mark.parametrize("folds", [{"a": [0.9], "b": [0.8]}, {"a": [0.9, 0.8]}])
def test_one_fold_or_one_model_leaves_nothing_to_test(folds: dict[str, list[float]]) -> None:
    assert list(compare_pairs(folds)) == []


@pytest.mark.parametrize(
    ("b", "repeats", "message"),
    [
        ([0.5, np.nan], 1, "a and b cannot be compared over folds: a score in a fold is not a number"),
        ([0.5, 0.6], 3, "2 scores are not 3 repeats"),
        ([0.5, 0.6], 2, "2 scores are not 2 repeats"),
    ],
)
def test_scores_without_a_meaning_are_refused(b: list[float], repeats: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        list(compare_pairs({"a": [0.9, 0.8], "b": b}, Folds(repeats)))


def test_one_part_is_not_available_in_words() -> None:
    with pytest.raises(UserError, match="Not available with one validation part"):
        PairedScores(np.array([0.9]), np.array([0.8]))


def test_repeats_are_said() -> None:
    rng = np.random.default_rng(0)
    (*_, difference), *_ = compare_pairs({"a": list(rng.random(6)), "b": list(rng.random(6))}, Folds(2))
    assert difference.note.startswith("2 repeats of 3 folds.")
    assert difference.folds == 6


def test_models_of_other_folds_are_refused() -> None:
    with pytest.raises(UserError, match="a and b cannot be compared over folds: they have not the same folds"):
        list(compare_pairs({"a": [0.9, 0.8], "b": [0.8]}))


def signs(scores: PairedScores) -> Difference:
    """The sign test, with an interval of all differences."""
    differences, folds = scores.differences, len(scores.a)
    wins = int((differences > 0).sum())
    p = float(stats.binomtest(wins, folds).pvalue)
    interval = (float(differences.min()), float(differences.max()))
    return Difference(scores.mean, scores.deviation, float(wins), p, folds, interval)


def test_a_row_is_all_that_a_test_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TESTS, "signs", Test("sign test", "wins", signs, "Folds are independent."))
    folds = {"a": (0.9, 0.8, 0.7), "b": (0.8, 0.9, 0.5)}
    evaluations = {model: evaluation(scores(), accuracy) for model, accuracy in folds.items()}
    comparison = compare.over_folds("d", evaluations, Folds(), None)
    pairs_by_test = fold_tables.of_metric(comparison.pairs)
    (row,) = fold_tables.of_test(pairs_by_test["signs"]).to_dict("records")
    assert row["sign test"] == "a<small>− b</small>"
    assert (row["wins"], row["p"], row["p by Holm"]) == ("2.00", "1.000", "1.000")
    assert row["95 % interval"] == "-0.100 to +0.200"
    assert fold_tables.of_test(pairs_by_test["paired t"])["t"].tolist() == ["0.76"]
