"""The paper's numbers and ours stand in columns of their own."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from medtransfer.config import load
from medtransfer.evaluation.metrics import RATES
from medtransfer.report.papers import COLUMNS, NOT_MEASURED, NOT_RUN, notes, paper_against_ours
from medtransfer.reported import load_reported
from medtransfer.schema.reported import Reported
from tests.conftest import ROOT

SCORED = dict.fromkeys(RATES, 0.5) | {"sensitivity": 0.75}
FOLDS = [{"fold": k, "validation": {"accuracy": a, "per_class": [SCORED, SCORED]}} for k, a in enumerate((0.7, 0.9))]
PER_CLASS = [SCORED, SCORED | {"f1": 0.25}]
OURS = {"classes": ["x", "y"], "test": {"accuracy": 0.9, **SCORED, "per_class": PER_CLASS}, "folds": FOLDS}


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
        ["a", "loss (nats)", "0.300", "not measured", "–", "Table 1"],
        ["b", "AUC", "1.000", "not run", "–", "Table 1"],
    ]


def test_a_class_is_looked_up_by_its_name() -> None:
    reported = paper({"label": "y", "metrics": {"f1": 0.5}}, {"label": "z", "metrics": {"f1": 0.5}})
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table["metric"].tolist() == ["F1, y", "F1, z"]
    assert table["ours"].tolist() == ["0.250", "not measured"]


def test_recall_is_our_sensitivity() -> None:
    table = paper_against_ours(paper({"metrics": {"recall": 0.7}}), {"a": OURS}, "d")
    assert table[["metric", "ours", "difference"]].values.tolist() == [["recall", "0.750", "+0.050"]]


def test_validation_scores_stand_beside_the_mean_over_our_folds() -> None:
    reported = paper(
        {"part": "validation", "metrics": {"accuracy": 0.9, "loss": 1.0}},
        {"part": "validation", "statistic": "mean", "metrics": {"accuracy": 0.6}},
        {"part": "training", "metrics": {"accuracy": 1.0}},
    )
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table[["metric", "paper", "ours", "difference"]].values.tolist() == [
        ["validation accuracy", "0.900", "0.800", "-0.100"],
        ["validation loss (nats)", "1.000", "not measured", "–"],
        ["validation accuracy", "0.600", "0.800", "+0.200"],
        ["training accuracy", "1.000", "not measured", "–"],
    ]


def test_a_confusion_matrix_is_held_against_our_accuracy() -> None:
    table = paper_against_ours(paper({"confusion": [[3, 1], [0, 4]]}), {"a": OURS}, "d")
    assert table.values.tolist() == [["a", "accuracy, by its confusion matrix", "0.875", "0.900", "+0.025", "Table 1"]]


def test_other_data_sets_single_folds_and_their_spread_are_left_out() -> None:
    reported = paper(
        {"fold": 1, "metrics": {"accuracy": 0.9}},
        {"statistic": "variance", "metrics": {"accuracy": 0.9}},
        {"dataset": "e", "metrics": {"accuracy": 0.9}},
    )
    table = paper_against_ours(reported, {"a": OURS}, "d")
    assert table.empty
    assert table.columns.tolist() == COLUMNS


def test_notes_are_numbered_where_they_belong() -> None:
    score = {"accuracy": 0.9}
    reported = paper(
        {"metrics": score, "note": "one"},
        {"metrics": score},
        {"metrics": score, "note": "two"},
        {"metrics": score, "note": "one"},
        {"metrics": score, "note": "elsewhere", "dataset": "e"},
    )
    assert notes(reported, "d") == ["one", "two"]
    printed = paper_against_ours(reported, {}, "d")["printed in"].tolist()
    assert printed == ["Table 1 [1]", "Table 1", "Table 1 [2]", "Table 1 [1]"]


def test_another_entry_of_the_same_images_has_the_papers_numbers() -> None:
    reported = load_reported(ROOT)["rafiq2022"]
    assert paper_against_ours(reported, {}, "figshare_mat").equals(paper_against_ours(reported, {}, "figshare"))


@pytest.mark.parametrize("study", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_score_of_a_study_is_ours_or_marked(study: Path) -> None:
    """With all its models run, nothing is marked as not run; of a model that was not, every row is, and no other."""
    params = YAML(typ="safe", pure=True).load(study)
    (reported,) = [paper for paper in load_reported(ROOT).values() if params["dataset"] in paper.datasets]
    classes = list(load(ROOT).dataset(params["dataset"]).classes)
    ours = {
        "classes": classes,
        "test": {"accuracy": 0.9, **SCORED, "per_class": [SCORED] * len(classes)},
        "folds": [{"validation": {"accuracy": 0.9, **SCORED}}],
    }
    measured = dict.fromkeys(params["study"]["models"], ours)
    whole = paper_against_ours(reported, measured, params["dataset"])
    assert set(whole["paper"] != "") == {True}
    assert NOT_RUN not in set(whole["ours"])
    unmeasured = whole[whole["ours"] == NOT_MEASURED]["metric"]
    assert all("loss" in metric or metric.startswith("training") for metric in unmeasured)
    for left_out in whole["model"].unique():
        without = {name: content for name, content in measured.items() if name != left_out}
        table = paper_against_ours(reported, without, params["dataset"])
        assert (table["model"] == left_out).equals(table["ours"] == NOT_RUN)
        assert table["paper"].equals(whole["paper"])
        assert set(table.loc[table["ours"] == NOT_RUN, "difference"]) == {"–"}


def test_every_paper_has_a_table_before_anything_ran() -> None:
    for reported in load_reported(ROOT).values():
        for dataset in reported.datasets:
            table = paper_against_ours(reported, {}, dataset)
            assert len(table)
            assert set(table["ours"]) == {NOT_RUN}
