"""Records of scores: what is read is what was written, and the files stay flat, as `dvc metrics diff` shows them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from medtransfer import store
from medtransfer.store.records import Comparison, HeadlineMetrics, PairedDifference
from tests.evaluations import evaluation, scores

DIFFERENCE = PairedDifference("a", "b", "f1", "paired t", 0.25, 0.125, "t", 3.5, 0.0625, 3)


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("copy_free", [0.4, None])
def test_evaluation_is_read_as_written(copy_free: float | None) -> None:
    written = evaluation(scores(f1=0.25), (0.75, 0.5), copy_free=copy_free)
    store.metrics("d", "a").write(written)
    assert store.metrics("d", "a").read() == written
    assert written.validation("accuracy") == [0.75, 0.5]


def test_values_stand_beside_the_other_scores_in_the_file() -> None:
    store.metrics("d", "a").write(evaluation(scores(f1=0.25)))
    test = json.loads(store.metrics("d", "a").path.read_text())["test"]
    assert test["f1"] == 0.25
    assert list(test)[-5:] == ["macro", "weighted", "per_class", "confusion", "intervals"]
    assert test["intervals"]["f1"] == [0.1875, 0.3125, "group bootstrap"]


@pytest.mark.parametrize(
    "difference",
    [
        DIFFERENCE,
        replace(DIFFERENCE, statistic=None, p=None),
        replace(DIFFERENCE, symbol="", statistic=None, interval=(0.0, 0.5)),
        replace(DIFFERENCE, symbol="", p=None, statistic=None, probabilities=(0.5, 0.25, 0.25), note="n", holm_p=0.5),
    ],
)
def test_comparison_is_read_as_written(difference: PairedDifference) -> None:
    written = Comparison("d", {"a": {"f1": [0.5, 0.75]}, "b": {"f1": [0.25, 0.5]}}, [difference])
    store.comparison("d").write(written)
    assert store.comparison("d").read() == written


def test_statistic_stands_under_its_symbol_in_the_file() -> None:
    store.comparison("d").write(Comparison("d", {}, [DIFFERENCE]))
    (pair,) = json.loads(store.comparison("d").path.read_text())["pairs"]
    assert list(pair) == ["a", "b", "metric", "test", "mean_difference", "standard_deviation", "t", "p", "folds"]


def test_headline_metrics_are_read_as_written() -> None:
    written = HeadlineMetrics(
        "d",
        "a",
        {"f1": 0.5},
        {"f1": {"low": 0.25, "high": 0.75}},
        {"images": 3, "accuracy": None},
        {"f1": 0.25},
        {"f1": {"low": 0.0, "high": 0.5}},
    )
    store.headline_metrics().write(written)
    assert store.headline_metrics().read() == written
