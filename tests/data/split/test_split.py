"""No group is torn apart, every class is spread evenly, and the split is a function of its seed."""

import itertools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from medtransfer.data.split.split import allocate, count_pictures, split, uneven_parts
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Split
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, NO_FOLD, TEST, fold_column, held_out_rows, rows


def choice(**changes: object) -> Split:
    return Split.model_validate(
        {
            "strategy": "grouped",
            "test_fraction": 0.2,
            "folds": 3,
            "repeats": 1,
            "validation_fraction": None,
            "conflicting_labels": "drop",
        }
        | changes
    )


ONE_PART = choice(folds=1, validation_fraction=0.1)


def table(labels: list[str], groups: list[str], shipped: list[str] | None = None) -> tuple[pd.DataFrame, pd.Series]:
    index = pd.DataFrame({"id": [f"i{n}" for n in range(len(labels))], "label": labels, "shipped": shipped or ""})
    return index, pd.Series(groups)


def singles(**counts: int) -> tuple[pd.DataFrame, pd.Series]:
    """So many images of each class, each its own group."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    return table(labels, [f"g{number}" for number in range(len(labels))])


SIZES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6)), min_size=12, max_size=60).filter(
    lambda drawn: min(sum(label == kind for label, _ in drawn) for kind in "ab") >= 4
)


def drawn(sizes: list[tuple[str, int]]) -> tuple[pd.DataFrame, pd.Series]:
    labels = [label for label, size in sizes for _ in range(size)]
    groups = [f"g{number}" for number, (_, size) in enumerate(sizes) for _ in range(size)]
    shipped = ["test" if number % 5 == 0 else "train" for number in range(len(labels))]
    return table(labels, groups, shipped)


CHOICES = st.builds(
    lambda strategy, folds: choice(strategy=strategy, folds=folds, validation_fraction=0.2 if folds == 1 else None),
    st.sampled_from(["grouped", "random", "shipped"]),
    st.integers(1, 3),
)


@given(SIZES, CHOICES, st.integers(0, 99), st.sets(st.integers(0, 40), max_size=6))
@settings(max_examples=60)
def test_every_row_is_in_one_place_and_no_group_is_torn_apart(
    sizes: list[tuple[str, int]], chosen: Split, seed: int, left_out: set[int]
) -> None:
    index, groups = drawn(sizes)
    dropped = np.isin(np.arange(len(index)), list(left_out))
    try:
        result = split(index, groups, chosen, seed, dropped)
    except UserError as error:
        assert "would hold no image" in str(error) or "need at least" in str(error)
        return
    assert result["id"].equals(index["id"])
    assert (result["partition"] == DROPPED).to_numpy().tolist() == dropped.tolist()
    assert (result.loc[result["partition"] != DEVELOPMENT, "fold"] == NO_FOLD).all()
    used = result[~dropped]
    if chosen.strategy == "grouped":
        assert (used.groupby("group")[["partition", "fold"]].nunique() == 1).all().all()
    if chosen.strategy == "shipped":
        assert (used["partition"] == TEST).equals((index["shipped"] == "test")[~dropped])
        development = used[used["partition"] == DEVELOPMENT]
        assert (development.groupby("group")["fold"].nunique() == 1).all()
    folds = range(chosen.folds)
    validated = np.concatenate([rows(result, fold)[1] for fold in folds])
    never = np.flatnonzero((result["partition"] == DEVELOPMENT) & (result["fold"] == NO_FOLD))
    assert (len(never) > 0) == (chosen.folds == 1)
    assert sorted([*validated, *never, *held_out_rows(result), *np.flatnonzero(dropped)]) == list(range(len(result)))
    for fold in folds:
        train, validation = rows(result, fold)
        parts = [set(train), set(validation), set(held_out_rows(result)), set(np.flatnonzero(dropped))]
        assert sum(map(len, parts)) == len(set.union(*parts)) == len(result)
        for part in parts[:3]:
            assert set(result["label"].iloc[sorted(part)]) == {"a", "b"}


@given(st.integers(20, 200), st.integers(20, 200), st.integers(0, 99), st.sampled_from(["grouped", "random"]))
@settings(max_examples=30)
def test_single_images_are_stratified_to_within_one(healthy: int, tumour: int, seed: int, strategy: str) -> None:
    result = split(*singles(healthy=healthy, tumour=tumour), choice(strategy=strategy), seed)
    for label, count in (("healthy", healthy), ("tumour", tumour)):
        part = result[result["label"] == label]
        assert abs((part["partition"] == TEST).sum() - 0.2 * count) <= 1
        folds = part[part["fold"] >= 0]["fold"].value_counts()
        assert folds.max() - folds.min() <= 1


@given(st.floats(0.1, 0.4), st.floats(0.1, 0.4), st.integers(0, 99))
@settings(max_examples=30)
def test_one_fold_is_train_validation_and_test_of_the_fractions_asked_for(
    test: float, validation: float, seed: int
) -> None:
    chosen = choice(folds=1, test_fraction=test, validation_fraction=validation)
    result = split(*singles(a=100, b=60, c=45), chosen, seed)
    train, validated = rows(result, 0)
    for label, count in (("a", 100), ("b", 60), ("c", 45)):
        of_class = (result["label"] == label).to_numpy()
        assert abs(of_class[held_out_rows(result)].sum() - test * count) <= 1
        assert abs(of_class[validated].sum() - validation * count) <= 2
        assert abs(of_class[train].sum() - (1 - test - validation) * count) <= 2


def test_each_repeat_has_folds_of_its_own() -> None:
    groups = [f"g{number // 4}" for number in range(160)]
    result = split(*table(["a", "b"] * 80, groups), choice(folds=4, repeats=3), 0)
    once = split(*table(["a", "b"] * 80, groups), choice(folds=4), 0)
    pd.testing.assert_frame_equal(result[once.columns], once)
    validated = [rows(result, number)[1].tolist() for number in range(12)]
    development = np.flatnonzero(result["partition"] == DEVELOPMENT).tolist()
    for repeat in range(3):
        assert sorted(itertools.chain(*validated[4 * repeat : 4 * repeat + 4])) == development
        assert result.groupby("group")[fold_column(repeat)].nunique().max() == 1
    assert len({frozenset(part) for part in validated}) == 12
    train, left_out = rows(result, 11)
    assert sorted([*train, *left_out]) == development


def test_one_fold_keeps_groups_whole() -> None:
    groups = [f"g{number // 4}" for number in range(160)]
    result = split(*table(["a", "b"] * 80, groups), ONE_PART, 0)
    assert (result.groupby("group")[["partition", "fold"]].nunique() == 1).all().all()
    assert (len(held_out_rows(result)), len(rows(result, 0)[1])) == (32, 16)


def test_random_looks_at_no_group_and_still_stratifies() -> None:
    labels = ["a"] * 90 + ["b"] * 30
    result = split(*table(labels, [f"g{n // 3}" for n in range(120)]), choice(strategy="random"), 1)
    in_test = result["partition"] == TEST
    assert (result.assign(in_test=in_test).groupby("group")["in_test"].nunique() > 1).sum() > 5
    assert in_test.groupby(result["label"]).sum().to_dict() == {"a": 18, "b": 6}
    assert result["group"].tolist() == [f"g{n // 3}" for n in range(120)]  # the column stays, for the audit


def test_random_splits_a_class_that_is_one_group() -> None:
    data = table(["a"] * 40 + ["b"] * 40, ["p1"] * 40 + ["p2"] * 40)
    assert len(held_out_rows(split(*data, choice(strategy="random"), 0))) == 16
    with pytest.raises(UserError, match="a has 1, b has 1"):
        split(*data, choice(), 0)


def test_shipped_takes_the_sets_own_test_set_whatever_the_fraction() -> None:
    shipped = ["test" if number % 3 == 0 else "train" for number in range(90)]
    data = table(["a", "b"] * 45, [f"g{n // 2}" for n in range(90)], shipped)
    for fraction in (0.1, 0.9):
        result = split(*data, choice(strategy="shipped", test_fraction=fraction), 0)
        assert held_out_rows(result).tolist() == [number for number in range(90) if number % 3 == 0]
        development = result[result["partition"] == DEVELOPMENT]
        assert (development.groupby("group")["fold"].nunique() == 1).all()
        assert (development["fold"].value_counts() == 20).all()


@pytest.mark.parametrize("shipped", [[""] * 90, ["train"] * 60 + ["test"] * 29 + [""]])
def test_shipped_without_parts_is_refused_with_what_to_do(shipped: list[str]) -> None:
    data = table(["a", "b"] * 45, [f"g{n}" for n in range(90)], shipped)
    sentence = rf"shipped: {shipped.count('')} of 90 images are in no train or test part .* split\.strategy: grouped"
    with pytest.raises(UserError, match=sentence):
        split(*data, choice(strategy="shipped"), 0)


def test_shipped_with_nothing_to_train_on_or_to_test_is_refused() -> None:
    for part, sentence in (
        ("test", "the set's own train part has no image"),
        ("train", "the test set would hold no image"),
    ):
        data = table(["a", "b"] * 45, [f"g{n}" for n in range(90)], [part] * 90)
        with pytest.raises(UserError, match=sentence):
            split(*data, choice(strategy="shipped"), 0)


def test_a_validation_part_larger_than_what_the_set_ships_to_train_on_is_refused() -> None:
    data = table(["a", "b"] * 45, [f"g{n}" for n in range(90)], ["test"] * 60 + ["train"] * 30)
    with pytest.raises(UserError, match=r"validation_fraction = 0\.4 of 90 images leaves none of the 30"):
        split(*data, choice(strategy="shipped", folds=1, validation_fraction=0.4), 0)


def test_dropped_rows_are_nowhere_and_count_for_nothing() -> None:
    index, groups = singles(a=100, b=100)
    dropped = np.arange(200) % 4 == 0
    result = split(index, groups, choice(), 0, dropped)
    assert result[dropped][["partition", "fold"]].drop_duplicates().to_numpy().tolist() == [[DROPPED, NO_FOLD]]
    assert len(held_out_rows(result)) == 30
    kept = split(index[~dropped], groups[~dropped], choice(), 0)
    assert result[~dropped]["partition"].tolist() == kept["partition"].tolist()


@pytest.mark.parametrize("strategy", ["grouped", "random", "shipped"])
def test_a_set_of_which_all_is_dropped_is_refused(strategy: str) -> None:
    data = table(["a", "b"] * 45, [f"g{n}" for n in range(90)], ["test", "train", "train"] * 30)
    with pytest.raises(UserError):
        split(*data, choice(strategy=strategy), 0, np.ones(90, dtype=bool))


def test_a_class_of_which_all_is_dropped_is_refused_by_name() -> None:
    index, groups = singles(a=40, b=40, c=40)
    with pytest.raises(UserError, match="no image of class b, which has 40"):
        split(index, groups, choice(), 0, (index["label"] == "b").to_numpy())


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
        split(*table(["a", "b"] * 10, [str(n) for n in range(20)]), choice(test_fraction=0.99), 0)


def test_seed_decides() -> None:
    data = table(["a", "b"] * 40, [str(n) for n in range(80)])
    for chosen in (choice(), choice(strategy="random"), ONE_PART):
        pd.testing.assert_frame_equal(split(*data, chosen, 1), split(*data, chosen, 1))
        assert not split(*data, chosen, 1).equals(split(*data, chosen, 2))


def test_the_folds_change_nothing_about_the_test_set() -> None:
    data = table(["a", "b"] * 40, [str(n // 2) for n in range(80)])
    held = [held_out_rows(split(*data, chosen, 5)).tolist() for chosen in (choice(), choice(folds=5), ONE_PART)]
    assert held[0] == held[1] == held[2]


def test_class_too_small_for_the_folds_is_refused_with_the_numbers() -> None:
    data = table(["a"] * 40 + ["b"] * 12, [str(n) for n in range(40)] + ["p1"] * 6 + ["p2"] * 6)
    with pytest.raises(UserError, match=r"split\.folds = 5 .* at least 6 groups .* b has 2: lower split\.folds"):
        split(*data, choice(folds=5), 0)


@pytest.mark.parametrize("chosen", [choice(test_fraction=0.05), choice(test_fraction=0.05, strategy="random")])
def test_test_set_without_a_class_is_refused(chosen: Split) -> None:
    with pytest.raises(UserError, match=r"the test set would hold no image of class b, which has 5"):
        split(*singles(a=40, b=5), chosen, 0)


def test_validation_part_without_a_class_is_refused() -> None:
    with pytest.raises(UserError, match=r"fold 0 would hold no image of class b, which has 6: .*validation_fraction"):
        split(*singles(a=200, b=6), choice(folds=1, validation_fraction=0.02), 0)


@pytest.mark.parametrize("strategy", ["grouped", "random"])
def test_20_000_images_are_split_in_seconds(rng: np.random.Generator, strategy: str) -> None:
    """`bench.duplicates_time` splits 200,000."""
    count = 20_000
    data = table(
        rng.choice(["a", "b", "c"], count).tolist(), [f"g{n // 2}" if n % 7 else f"s{n}" for n in range(count)]
    )
    start = time.perf_counter()
    split(*data, choice(strategy=strategy, folds=5), 0)
    assert time.perf_counter() - start < 10


@given(st.integers(0, 20), st.integers(2, 6))
@settings(max_examples=25)
def test_parts_come_near_their_share_of_pictures_too(seed: int, folds: int) -> None:
    """Few pictures of many copies, and many of one: by images alone, a part may be made of the first kind."""
    sizes = np.repeat([12, 1], [40, 120])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    data = table(["a" if group % 2 else "b" for group in groups], [f"g{group}" for group in groups])
    result = split(*data, choice(folds=folds), seed)
    counts = {
        part: sum(each["pictures"] for each in classes.values()) for part, classes in count_pictures(result).items()
    }
    assert counts["test"] == pytest.approx(0.2 * len(sizes), abs=6)
    each = [counts[f"fold {fold + 1}"] for fold in range(folds)]
    assert max(each) - min(each) <= 6
    assert (result["partition"] == "test").mean() == pytest.approx(0.2, abs=0.03)
    assert uneven_parts(result, choice(folds=folds)) == []


def test_pictures_are_counted_by_part_and_class() -> None:
    result = pd.DataFrame(
        {
            "label": list("aaabb"),
            "picture": [0, 0, 1, 2, 2],
            "partition": ["test", "test", "development", "development", "dropped"],
            "fold": [-1, -1, 0, -1, -1],
        }
    )
    assert count_pictures(result) == {
        "dropped": {"b": {"images": 1, "pictures": 1}},
        "fold 1": {"a": {"images": 1, "pictures": 1}},
        "test": {"a": {"images": 2, "pictures": 1}},
        "training": {"b": {"images": 1, "pictures": 1}},
    }


def test_a_class_whose_pictures_are_mostly_held_out_is_warned_of() -> None:
    labels = ["a"] * 10
    result = pd.DataFrame({"label": labels, "picture": [0, 1, 2, 3, 4, 5, 6, 6, 6, 6], "partition": "development"})
    result.loc[:5, "partition"] = "test"
    (sentence,) = uneven_parts(result, choice(test_fraction=0.2))
    assert "86% of the pictures of class a" in sentence
