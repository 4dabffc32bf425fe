"""The paper's numbers and ours stand in columns of their own."""

from typing import Any

from medtransfer.evaluation.metrics import RATES
from medtransfer.report.papers import COLUMNS, paper_against_ours
from medtransfer.reported import load_reported
from medtransfer.schema.reported import Reported
from tests.conftest import ROOT

SCORED = dict.fromkeys(RATES, 0.5) | {"sensitivity": 0.75}
OURS = {"classes": ["x", "y"], "test": {"accuracy": 0.9, **SCORED, "per_class": [SCORED, SCORED | {"f1": 0.25}]}}


def paper(*results: dict[str, Any]) -> Reported:
    common = {"model": "a", "printed_as": "A", "dataset": "d", "source": "Table 1"}
    entry = {"title": "t", "year": 2024, "datasets": ["d", "e"], "results": [common | result for result in results]}
    return Reported.model_validate(entry)


def test_a_row_per_score() -> None:
    reported = paper({"metrics": {"accuracy": 0.95, "loss": 0.3}}, {"model": "b", "metrics": {"roc_auc": 1.0}})
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table.columns.tolist() == COLUMNS
    assert table.values.tolist() == [
        ["a", "accuracy", "0.950", "0.900", "-0.050", "Table 1"],
        ["a", "loss (nats)", "0.300", "–", "–", "Table 1"],
        ["b", "AUC", "1.000", "not run", "–", "Table 1"],
    ]


def test_a_class_is_looked_up_by_its_name() -> None:
    reported = paper({"label": "y", "metrics": {"f1": 0.5}}, {"label": "z", "metrics": {"f1": 0.5}})
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table["metric"].tolist() == ["F1, y", "F1, z"]
    assert table["ours"].tolist() == ["0.250", "–"]


def test_recall_is_our_sensitivity() -> None:
    table = paper_against_ours(paper({"metrics": {"recall": 0.7}}), {"a": OURS}, "d")
    assert table[["metric", "ours", "difference"]].values.tolist() == [["recall", "0.750", "+0.050"]]


def test_only_test_scores_of_the_data_set_are_compared() -> None:
    reported = paper(
        {"part": "validation", "metrics": {"accuracy": 0.9}},
        {"fold": 1, "metrics": {"accuracy": 0.9}},
        {"statistic": "mean", "metrics": {"accuracy": 0.9}},
        {"dataset": "e", "metrics": {"accuracy": 0.9}},
        {"confusion": [[1, 0], [0, 1]]},
    )
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table.empty
    assert table.columns.tolist() == COLUMNS


def test_every_paper_has_a_table_before_anything_ran() -> None:
    for reported in load_reported(ROOT).values():
        for dataset in {result.dataset for result in reported.results}:
            table = paper_against_ours(reported, {}, dataset)
            assert len(table)
            assert set(table["ours"]) == {"not run"}
