"""Tables say what was measured, to three digits, and a dash where nothing is defined."""

import pandas as pd

from medtransfer.report import tables

RATES = {"sensitivity": 0.5, "specificity": 0.75, "precision": 0.25, "f1": 1 / 3, "roc_auc": 0.8}
MEASURED = {"a": {"classes": ["x", "y"], "test": {"accuracy": 0.6, **RATES, "per_class": [RATES] * 2, "macro": RATES}}}


def test_a_row_per_architecture_in_order() -> None:
    table = tables.architectures(MEASURED, {"a": 12.4})
    assert table.columns.tolist() == ["model", "accuracy", "sensitivity", "specificity", "F1", "AUC", "seconds"]
    assert table.iloc[0].tolist() == ["a", "0.600", "0.500", "0.750", "0.333", "0.800", "12"]


def test_folds_have_mean_and_deviation() -> None:
    row = tables.folds({"a": {"accuracy": [0.8, 0.9, 1.0]}}).iloc[0]
    assert row.tolist() == ["a", "0.800", "0.900", "1.000", "0.900", "0.100"]


def test_undefined_t_is_a_dash() -> None:
    pair = {"a": "m", "b": "n", "metric": "accuracy", "mean_difference": 0.1, "t": None, "p": None}
    other = pair | {"metric": "f1", "t": 2.0, "p": 0.2}
    assert tables.pairs([pair, other]).values.tolist() == [["m – n", "+0.100", "–", "–"]]


def test_classes_end_with_their_mean() -> None:
    assert tables.per_class(MEASURED["a"])["class"].tolist() == ["x", "y", "mean over classes"]


def test_models_without_outlines_have_no_row() -> None:
    scored = {"map": [4, 4], "images": 3, "pointing_game": 0.5, "energy_inside": 0.25, "chance": 0.1}
    assert tables.localisation({"a": scored, "b": {}})["model"].tolist() == ["a"]


def test_class_counts_add_up() -> None:
    split = pd.DataFrame(
        {
            "label": ["x", "x", "y"],
            "group": ["g", "g", "h"],
            "partition": ["test", "test", "development"],
        }
    )
    assert tables.class_counts(split).values.tolist() == [["x", 2, 1, 0, 2], ["y", 1, 1, 1, 0]]
