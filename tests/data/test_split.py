"""No group is torn apart, every class is spread evenly, and the split is a function of its seed."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from medtransfer.data.split import allocate, held_out_rows, rows, split
from medtransfer.errors import UserError


def table(labels: list[str], groups: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    return pd.DataFrame({"id": [f"i{n}" for n in range(len(labels))], "label": labels}), pd.Series(groups)


SIZES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6)), min_size=12, max_size=60).filter(
    lambda drawn: min(sum(label == kind for label, _ in drawn) for kind in "ab") >= 4
)


@given(SIZES, st.integers(0, 99))
@settings(deadline=None)
def test_groups_stay_whole_and_folds_part_the_development_set(sizes: list[tuple[str, int]], seed: int) -> None:
    labels = [label for label, size in sizes for _ in range(size)]
    groups = [f"g{number}" for number, (_, size) in enumerate(sizes) for _ in range(size)]
    try:
        result = split(*table(labels, groups), 0.25, 3, seed)
    except UserError as error:
        assert "would hold no image" in str(error)  # a few large groups can leave a part without a class
        return
    assert (result.groupby("group")[["partition", "fold"]].nunique() == 1).all().all()
    assert ((result["partition"] == "test") == (result["fold"] == -1)).all()
    seen = np.concatenate([rows(result, fold)[1] for fold in range(3)])
    assert sorted([*seen, *held_out_rows(result)]) == list(range(len(result)))
    for fold in range(3):
        train, validation = rows(result, fold)
        assert not set(train) & set(validation)
        assert not set(held_out_rows(result)) & (set(train) | set(validation))


@given(st.integers(20, 200), st.integers(20, 200), st.integers(0, 99))
@settings(deadline=None)
def test_single_images_are_stratified_to_within_one(healthy: int, tumour: int, seed: int) -> None:
    labels = ["healthy"] * healthy + ["tumour"] * tumour
    result = split(*table(labels, [str(n) for n in range(len(labels))]), 0.2, 3, seed)
    for label, count in (("healthy", healthy), ("tumour", tumour)):
        part = result[result["label"] == label]
        assert abs((part["partition"] == "test").sum() - 0.2 * count) <= 1
        folds = part[part["fold"] >= 0]["fold"].value_counts()
        assert folds.max() - folds.min() <= 1


def imbalance(labels: np.ndarray, part: np.ndarray, parts: int) -> float:
    counts = np.array([[(part[labels == k] == p).sum() for p in range(parts)] for k in np.unique(labels)])
    return float((counts / counts.sum(axis=1, keepdims=True)).std(axis=1).mean())


def test_groups_are_spread_no_less_evenly_than_by_scikit_learn(rng: np.random.Generator) -> None:
    ours, theirs = [], []
    for seed in range(20):
        sizes = rng.integers(1, 15, 80)
        groups = np.repeat(np.arange(80), sizes)
        labels = rng.integers(0, 3, 80)[groups]
        ours.append(imbalance(labels, allocate(labels, groups, np.full(4, 0.25), seed), 4))
        folds = np.empty(len(labels), dtype=int)
        splitter = StratifiedGroupKFold(4, shuffle=True, random_state=seed)
        for fold, (_, held) in enumerate(splitter.split(labels, labels, groups)):
            folds[held] = fold
        theirs.append(imbalance(labels, folds, 4))
    assert np.mean(ours) <= np.mean(theirs)


@pytest.mark.parametrize("seed", range(3))
def test_small_parts_get_their_share_of_large_groups(seed: int) -> None:
    groups = np.concatenate([np.arange(500), np.repeat(np.arange(500, 600), 4)])
    in_test = allocate(np.zeros(900, dtype=int), groups, np.array([0.2, 0.8]), seed) == 0
    assert in_test.mean() == pytest.approx(0.2, abs=0.01)
    assert (groups[in_test] >= 500).mean() == pytest.approx(4 / 9, abs=0.02)


def test_test_set_of_everything_is_refused() -> None:
    with pytest.raises(UserError, match=r"split\.test_fraction = 0\.99|would hold no image"):
        split(*table(["a", "b"] * 10, [str(n) for n in range(20)]), 0.99, 3, 0)


def test_seed_decides() -> None:
    data = table(["a", "b"] * 40, [str(n) for n in range(80)])
    pd.testing.assert_frame_equal(split(*data, 0.2, 3, 1), split(*data, 0.2, 3, 1))
    assert not split(*data, 0.2, 3, 1).equals(split(*data, 0.2, 3, 2))


def test_class_too_small_for_the_folds_is_refused_with_the_numbers() -> None:
    data = table(["a"] * 40 + ["b"] * 12, [str(n) for n in range(40)] + ["p1"] * 6 + ["p2"] * 6)
    with pytest.raises(UserError, match=r"split\.folds = 5 .* at least 6 groups .* b has 2: lower split\.folds"):
        split(*data, 0.2, 5, 0)


def test_test_set_without_a_class_is_refused() -> None:
    data = table(["a"] * 40 + ["b"] * 5, [str(n) for n in range(45)])
    with pytest.raises(UserError, match=r"the test set would hold no image of class b, which has 5"):
        split(*data, 0.05, 3, 0)


def test_large_index_splits_in_time(rng: np.random.Generator) -> None:
    labels = rng.choice(["a", "b", "c"], 50_000)
    start = time.perf_counter()
    split(*table(labels.tolist(), [f"g{n // 2}" if n % 7 else f"s{n}" for n in range(50_000)]), 0.2, 5, 0)
    assert time.perf_counter() - start < 15
