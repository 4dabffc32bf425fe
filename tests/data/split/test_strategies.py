"""Every strategy that a set allows is audited, with the pairs that it tears apart."""

import numpy as np
import pandas as pd
import pytest

from medtransfer.data.split.pictures import Copies
from medtransfer.data.split.strategies import Splitting, audit_strategies
from tests.data.split.test_audit import pairs
from tests.data.split.test_split import choice

PICTURES, COPIES = 24, 3


@pytest.fixture
def splitting() -> Splitting:
    """Each picture three times, with one label, and no parts of the set's own."""
    picture = np.repeat(np.arange(PICTURES), COPIES)
    rows = np.arange(len(picture))
    index = pd.DataFrame({"id": [f"{row}.png" for row in rows], "shipped": ""})
    index["label"] = np.where(picture % 2, "ill", "well")
    shared = Copies(rows, picture, np.zeros_like(picture), picture, np.full(len(picture), -1))
    listed = pairs(*((row, row + 1, 2, 0.95, 0) for row in rows[:-1] if picture[row] == picture[row + 1]))
    return Splitting(index, listed, shared, choice(), seed=0)


def test_grouped_tears_nothing_apart_and_random_does(splitting: Splitting) -> None:
    audit = audit_strategies(splitting)
    assert list(audit.leakage) == ["grouped", "random"]
    assert (audit.leakage["grouped"].near, audit.leakage["grouped"].torn_pictures) == (0, 0)
    assert audit.leakage["random"].near > 5
    assert list(audit.pairs) == ["grouped: no copy on both sides; the most alike pairs", "random"]
    assert len(audit.pairs["random"]) > 5


def test_table_is_that_of_the_audit_and_names_the_copies_of_test_images(splitting: Splitting) -> None:
    table = splitting.table("random")
    assert (table["copy"] == "near").sum() == audit_strategies(splitting).leakage["random"].near
    assert set(table.loc[table["partition"] != "test", "copy"]) == {""}


def test_strategy_that_the_set_does_not_allow_is_said(splitting: Splitting) -> None:
    index = splitting.index.assign(shipped="train")
    audit = audit_strategies(Splitting(index, splitting.pairs, splitting.shared, choice(), seed=0))
    assert "shipped" in audit.impossible
    assert "shipped" not in audit.leakage


def test_picture_under_two_labels_is_shown_whatever_the_split(splitting: Splitting) -> None:
    index = splitting.index.copy()
    index.loc[0, "label"] = "ill"
    audit = audit_strategies(Splitting(index, splitting.pairs, splitting.shared, choice(), seed=0))
    worst = audit.pairs["one picture under two labels, whatever the split"]
    assert worst[["first", "second"]].to_numpy().tolist() == [[0, 1]]
