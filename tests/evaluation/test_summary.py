"""What is reported of a model follows from its folds' probabilities alone, for a vote as for a network."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from medtransfer.evaluation.summary import soft_vote, summarise

CLASSES = ["healthy", "tumour"]


def frames(rng: np.random.Generator) -> tuple[pd.DataFrame, list[np.ndarray], list[pd.DataFrame]]:
    """Twelve test images of which four have a copy, and two folds of nine rows each."""
    labels = rng.choice(CLASSES, 12)
    labels[:2] = CLASSES
    test = pd.DataFrame({"id": [f"t{n}" for n in range(12)], "label": labels, "copy": ["near", "exact"] * 2 + [""] * 8})
    folds = [rng.dirichlet([1, 1], 12) for _ in range(2)]
    validation = []
    for _ in range(2):
        part = pd.DataFrame(rng.dirichlet([1, 1], 9), columns=CLASSES)
        part["actual"] = [*CLASSES, *rng.choice(CLASSES, 7)]
        validation.append(part)
    return test, folds, validation


def test_test_scores_are_of_the_folds_mean(rng: np.random.Generator) -> None:
    test, folds, validation = frames(rng)
    found = summarise(test, folds, validation, CLASSES, "tumour")
    mean = (folds[0] + folds[1]) / 2
    actual = (test["label"] == "tumour").to_numpy()
    assert found.metrics["test"]["accuracy"] == pytest.approx(((mean[:, 1] > 0.5) == actual).mean())
    assert found.metrics["test"]["roc_auc"] == pytest.approx(metrics.roc_auc_score(actual, mean[:, 1]))
    np.testing.assert_allclose(found.predictions[CLASSES], mean)
    assert found.predictions["id"].tolist() == test["id"].tolist()
    assert found.roc["class"].unique().tolist() == ["tumour"]
    assert summarise(test, folds, validation, CLASSES, "").roc["class"].unique().tolist() == CLASSES


def test_copy_free_accuracy_leaves_copies_out(rng: np.random.Generator) -> None:
    test, folds, validation = frames(rng)
    found = summarise(test, folds, validation, CLASSES, "tumour")
    right = (found.predictions["predicted"] == found.predictions["actual"])[4:]
    free = found.metrics["test_copy_free"]
    assert (free["images"], free["accuracy"]) == (8, pytest.approx(right.mean()))
    every = summarise(test.assign(copy="near"), folds, validation, CLASSES, "tumour")
    assert every.metrics["test_copy_free"]["accuracy"] is None


def test_folds_are_scored_on_what_they_left_out(rng: np.random.Generator) -> None:
    test, folds, validation = frames(rng)
    found = summarise(test, folds, validation, CLASSES, "tumour").metrics["folds"]
    for fold, part in enumerate(validation):
        right = (part[CLASSES].idxmax(axis=1) == part["actual"]).mean()
        assert found[fold]["validation"]["accuracy"] == pytest.approx(right)


def test_a_vote_is_the_mean_and_keeps_the_rows(rng: np.random.Generator) -> None:
    ids = pd.DataFrame({"id": ["a", "b"], "fold": [0, 1]})
    members = [pd.concat([ids, pd.DataFrame(rng.dirichlet([1, 1], 2), columns=CLASSES)], axis=1) for _ in range(3)]
    vote = soft_vote(members, CLASSES)
    assert vote[["id", "fold"]].equals(ids)
    np.testing.assert_allclose(vote[CLASSES], sum(member[CLASSES].to_numpy() for member in members) / 3)
    np.testing.assert_allclose(vote[CLASSES].sum(axis=1), 1)
