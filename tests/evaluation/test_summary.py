"""What is reported of a model follows from its folds' probabilities alone, for an ensemble as for a network."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from medtransfer.evaluation.summary import mean_of_members, summarise
from medtransfer.settings.errors import UserError
from medtransfer.settings.resolved import Classes
from medtransfer.store.records import Evaluation

NAMES = ["healthy", "tumour"]
CLASSES = Classes(NAMES, positive="tumour")


@pytest.fixture
def held_out(rng: np.random.Generator) -> pd.DataFrame:
    """Twelve test images of which four have a copy."""
    labels = [*NAMES, *rng.choice(NAMES, 10)]
    copies = ["near", "exact"] * 2 + [""] * 8
    return pd.DataFrame({"id": [f"t{n}" for n in range(12)], "label": labels, "group": range(12), "copy": copies})


@pytest.fixture
def probabilities(held_out: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two folds: nine validation rows each, and all test rows."""
    parts = []
    for fold in range(2):
        labels = [*NAMES, *rng.choice(NAMES, 7)]
        left_out = pd.DataFrame({"id": [f"v{fold}{n}" for n in range(9)], "group": range(9), "actual": labels})
        on_test = held_out.rename(columns={"label": "actual"})[["id", "group", "actual"]]
        for rows, partition in ((left_out, "validation"), (on_test, "test")):
            columns = pd.DataFrame(rng.dirichlet([1, 1], len(rows)), columns=NAMES)
            parts.append(pd.concat([rows.assign(fold=fold, partition=partition), columns], axis=1))
    return pd.concat(parts)


def of(probabilities: pd.DataFrame, **wanted: Any) -> pd.DataFrame:  # noqa: ANN401
    return probabilities[np.logical_and.reduce([probabilities[key] == value for key, value in wanted.items()])]


def test_test_scores_are_of_the_folds_mean(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    summary = summarise(held_out, probabilities, CLASSES)
    folds = [of(probabilities, partition="test", fold=fold)[NAMES].to_numpy() for fold in range(2)]
    mean = (folds[0] + folds[1]) / 2
    actual = (held_out["label"] == "tumour").to_numpy()
    assert summary.metrics["test"]["accuracy"] == pytest.approx(((mean[:, 1] > 0.5) == actual).mean())
    assert summary.metrics["test"]["roc_auc"] == pytest.approx(metrics.roc_auc_score(actual, mean[:, 1]))
    np.testing.assert_allclose(summary.predictions[NAMES], mean)
    assert summary.predictions["id"].tolist() == held_out["id"].tolist()
    assert summary.roc["class"].unique().tolist() == ["tumour"]


def test_without_a_positive_class_every_class_has_a_curve(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    summary = summarise(held_out, probabilities, Classes(NAMES, positive=None))
    assert summary.roc["class"].unique().tolist() == NAMES
    assert summary.metrics["averaging"] == "mean over classes"


def test_copy_free_accuracy_leaves_copies_out(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    summary = summarise(held_out, probabilities, CLASSES)
    right = (summary.predictions["predicted"] == summary.predictions["actual"])[4:]
    free = summary.metrics["test_copy_free"]
    assert (free["images"], free["accuracy"]) == (8, pytest.approx(right.mean()))
    only_copies = summarise(held_out.assign(copy="near"), probabilities, CLASSES)
    assert only_copies.metrics["test_copy_free"]["accuracy"] is None


def test_folds_are_scored_on_what_they_left_out(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    folds = summarise(held_out, probabilities, CLASSES).metrics["folds"]
    for fold in range(2):
        rows = of(probabilities, partition="validation", fold=fold)
        assert folds[fold]["validation"]["accuracy"] == pytest.approx(
            (rows[NAMES].idxmax(axis=1) == rows["actual"]).mean()
        )


def test_intervals_are_of_the_tested_model_and_by_groups(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    summary = summarise(held_out, probabilities, CLASSES)
    assert summary.metrics["test"]["intervals"]["accuracy"][2] == "Wilson"
    for part in ("validation", "test"):
        assert summary.metrics["folds"][0][part]["intervals"]["accuracy"][2] == "Wilson"
    patients = summarise(held_out.assign(group=np.arange(12) // 2), probabilities, CLASSES)
    assert patients.metrics["test"]["intervals"]["accuracy"][2] == "group bootstrap"
    assert patients.metrics["folds"][0]["test"]["intervals"]["accuracy"][2] == "group bootstrap"
    assert patients.metrics["folds"][0]["validation"]["intervals"]["accuracy"][2] == "Wilson"
    assert (patients.metrics["images"], patients.metrics["groups"]) == (12, 6)
    assert Evaluation.of(dataset="d", model="m", strategy="grouped", **patients.metrics).test.intervals is not None


@pytest.mark.parametrize(("healthy", "scored"), [("healthy", True), (None, False)])
def test_disease_is_scored_where_several_classes_are(
    healthy: str | None, scored: bool, rng: np.random.Generator
) -> None:
    names = [*NAMES, "other"]
    rows = pd.DataFrame({"id": [f"{n}" for n in range(12)], "label": names * 4, "group": range(12), "copy": ""})
    actual = rows.rename(columns={"label": "actual"})[["id", "group", "actual"]]
    columns = dict(zip(names, rng.dirichlet([1, 1, 1], 12).T, strict=True))
    parts = [actual.assign(fold=0, partition=partition, **columns) for partition in ("validation", "test")]
    disease = summarise(rows, pd.concat(parts), Classes(names, None, healthy)).metrics["disease"]
    assert (disease is not None) == scored
    if disease:
        assert disease["sensitivity"] == disease["per_class"][1]["sensitivity"]
        assert "roc_auc" in disease["intervals"]


def test_a_class_without_test_images_is_named(held_out: pd.DataFrame, probabilities: pd.DataFrame) -> None:
    without = probabilities.assign(actual="healthy")
    with pytest.raises(UserError, match=r"none of the 12 images to be scored is of class tumour: .*test_fraction"):
        summarise(held_out.assign(label="healthy"), without, CLASSES)


def test_an_ensemble_is_the_mean_and_keeps_the_rows(rng: np.random.Generator) -> None:
    ids = pd.DataFrame({"id": ["a", "b"], "fold": [0, 1]})
    members = [pd.concat([ids, pd.DataFrame(rng.dirichlet([1, 1], 2), columns=NAMES)], axis=1) for _ in range(3)]
    ensemble = mean_of_members(members, NAMES)
    assert ensemble[["id", "fold"]].equals(ids)
    np.testing.assert_allclose(ensemble[NAMES], sum(member[NAMES].to_numpy() for member in members) / 3)
    np.testing.assert_allclose(ensemble[NAMES].sum(axis=1), 1)
