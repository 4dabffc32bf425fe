"""The paper's numbers and ours stand in columns of their own."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from medtransfer.report.papers import COLUMNS, NOT_RUN, Measured, notes, paper_against_ours
from medtransfer.settings.load import load
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.reported import Reported
from medtransfer.store.records import PairedDifference
from tests.conftest import ROOT
from tests.evaluations import evaluation, scores

TEST = scores(accuracy=0.9, sensitivity=0.75)
TEST = replace(TEST, per_class=[TEST.macro, TEST.macro | {"f1": 0.25}])
OURS = Measured(
    {"a": evaluation(TEST, (0.8, 0.9, 0.97)), "b": evaluation(TEST)},
    {"a": {"accuracy": [0.99, 0.98, 1.0], "loss": [0.01, 0.02, 0.03], "val_loss": [0.3, 0.4, 0.5]}},
    [PairedDifference("b", "a", "accuracy", "paired t", 0.1, 0.1, "t", 2.5, 0.13, 3)],
)
# A small study, one of ablations and one of transfer have other models than a paper.
WHOLE = [
    path
    for path in sorted((ROOT / "studies").glob("*.yaml"))
    if not re.search("^(small|transfer)-|-ablations$", path.stem)
]


def paper(*results: dict[str, Any], **more: list[dict[str, Any]]) -> Reported:
    common = {"model": "a", "printed_as": "A", "dataset": "d", "source": "Table 1"}
    entry = {"title": "t", "year": 2024, "datasets": ["d", "e"], "results": [common | result for result in results]}
    return Reported.model_validate(entry | more)


def test_a_row_per_score() -> None:
    reported = paper({"metrics": {"accuracy": 0.95, "loss": 0.3}}, {"model": "c", "metrics": {"roc_auc": 1.0}})
    table = paper_against_ours(reported, OURS, "d")
    assert table.columns.tolist() == COLUMNS
    assert table.values.tolist() == [
        ["a", "accuracy", "test", "0.950", "0.900", "-0.050", "Table 1"],
        ["a", "loss (nats)", "test", "0.300", "0.500", "+0.200", "Table 1"],
        ["c", "AUC", "test", "1.000", "not run", "–", "Table 1"],
    ]


def test_a_class_is_looked_up_by_its_name() -> None:
    reported = paper({"label": "y", "metrics": {"f1": 0.5}}, {"label": "z", "metrics": {"f1": 0.5}})
    table = paper_against_ours(reported, OURS, "d")
    assert table["number"].tolist() == ["F1, y", "F1, z"]
    assert table["ours"].tolist() == ["0.250", "not measured"]


def test_recall_is_our_sensitivity() -> None:
    table = paper_against_ours(paper({"metrics": {"recall": 0.7}}), OURS, "d")
    assert table[["number", "ours", "difference"]].values.tolist() == [["recall", "0.750", "+0.050"]]


def test_folds_and_what_is_computed_over_them() -> None:
    validation = {"part": "validation", "metrics": {"accuracy": 0.9}}
    fine = validation | {"metrics": {"accuracy": 0.00092}}
    reported = paper(
        validation | {"fold": 3},
        validation | {"fold": 4},
        validation,
        validation | {"statistic": "mean"},
        fine | {"statistic": "variance"},
        fine | {"statistic": "standard deviation"},
        {"part": "training", "metrics": {"loss": 0.1}},
        validation | {"metrics": {"loss": 0.1}},
    )
    table = paper_against_ours(reported, OURS, "d")
    accuracy = np.array([0.8, 0.9, 0.97])
    variance = np.var(100 * accuracy, ddof=1) / 100  # of percentages, as per cent
    assert table[["of", "paper", "ours"]].to_numpy().tolist() == [
        ["validation, fold 3", "0.900", "0.970"],
        ["validation, fold 4", "0.900", "not measured"],
        ["validation", "0.900", "0.890"],
        ["validation, mean", "0.900", "0.890"],
        ["validation, variance", "0.00092", f"{variance:.5f}"],
        ["validation, standard deviation", "0.00092", f"{accuracy.std(ddof=1):.5f}"],
        ["training", "0.100", "0.020"],
        ["validation", "0.100", "0.400"],
    ]


def test_confusion_and_t_stand_beside_ours_and_times_do_not() -> None:
    reported = paper(
        {"confusion": [[8, 2], [0, 10]]},
        timings=[{"model": "a", "source": "Text", "seconds": 60, "per": "fold"}],
        tests=[{"a": "a", "b": "b", "metric": "accuracy", "source": "Text", "t": 0.4, "p_above": 0.05}],
    )
    assert paper_against_ours(reported, OURS, "d").drop(columns="printed in").to_numpy().tolist() == [
        ["a", "confusion", "test", "8 2; 0 10", "9 1; 1 9", "–"],
        ["a – b", "t of accuracy", "validation", "0.400", "-2.500", "-2.900"],
        ["a – b", "p of accuracy", "validation", "above 0.05", "0.130", "–"],
    ]


def test_other_data_sets_are_left_out() -> None:
    table = paper_against_ours(paper({"dataset": "e", "metrics": {"accuracy": 0.9}}), OURS, "d")
    assert table.empty
    assert table.columns.tolist() == COLUMNS


def test_notes_are_numbered_where_they_belong() -> None:
    score = {"accuracy": 0.9}
    reported = paper(
        {"metrics": score, "note": "one"},
        {"metrics": score},
        {"metrics": score, "note": "elsewhere", "dataset": "e"},
        {"metrics": score, "note": "one"},
        {"metrics": score, "note": "two"},
    )
    assert notes(reported, "d") == ["one", "two"]
    printed = paper_against_ours(reported, Measured({}), "d")["printed in"].tolist()
    assert printed == ["Table 1 [1]", "Table 1", "Table 1 [1]", "Table 1 [2]"]


def test_another_entry_of_the_same_images_has_the_papers_numbers() -> None:
    reported = load_reported(ROOT)["rafiq2022"]
    one, other = (paper_against_ours(reported, Measured({}), name) for name in ("figshare", "figshare_mat"))
    assert one.equals(other)


@pytest.mark.parametrize("study", WHOLE, ids=lambda path: path.stem)
def test_every_number_of_a_study_is_ours_or_marked(study: Path) -> None:
    """With all its models run, nothing is marked as not run; of a model that was not, every row is, and no other."""
    params = YAML(typ="safe").load(study)
    (reported,) = [paper for paper in load_reported(ROOT).values() if params["dataset"] in paper.datasets]
    classes = list(load(ROOT).dataset(params["dataset"]).classes)
    folds = (0.9,) * params["split"]["folds"]
    ours = evaluation(scores(len(classes)), folds, tuple(classes))
    models = params["study"]["models"]
    measured = Measured(dict.fromkeys(models, ours))
    whole = paper_against_ours(reported, measured, params["dataset"])
    assert NOT_RUN not in set(whole["ours"])
    for left_out in models:
        kept = [name for name in models if name != left_out]
        fewer = Measured(dict.fromkeys(kept, ours))
        table = paper_against_ours(reported, fewer, params["dataset"])
        of_it = [left_out in names.split(" – ") for names in table["model"]]  # a t-test is of two models
        assert (table["ours"] == NOT_RUN).to_list() == of_it
        assert table["paper"].equals(whole["paper"])
        assert set(table.loc[table["ours"] == NOT_RUN, "difference"]) <= {"–"}


def test_every_paper_has_a_table_before_anything_ran() -> None:
    for reported in load_reported(ROOT).values():
        for dataset in reported.datasets:
            table = paper_against_ours(reported, Measured({}), dataset)
            assert len(table)
            assert set(table["ours"]) == {NOT_RUN}
