"""The audit counts what a loop over test and development images counts; a grouped split has nothing to count."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.duplicates.search import NOT_CLOSE, NOT_REGISTERED, find_copies
from medtransfer.data.prepare.prepare import prepare
from medtransfer.data.split.audit import (
    EXACT,
    NEAR,
    NONE,
    TURNED,
    audit,
    closest_apart,
    copies_in_development,
    kinds_of_copy,
    overlap,
    torn,
    worst_copies,
)
from medtransfer.data.split.pictures import Copies, conflicting, copies, group_names
from medtransfer.data.split.split import split
from medtransfer.store.orientations import INVERSE, oriented
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, TEST, held_out_rows, rows
from tests.data.archives import encode, entry, write_zip
from tests.data.slices import CHANGES, made_up_slice
from tests.data.split.test_pictures import CHOICE
from tests.data.split.test_split import choice

IMAGE = st.tuples(
    st.sampled_from([TEST, DEVELOPMENT, DROPPED]),
    st.integers(0, 9),  # pixels
    st.integers(0, 1),  # turn
    st.integers(-1, 1),  # patient
)


def made(drawn: list[tuple[str, int, int, int]]) -> tuple[np.ndarray, Copies]:
    """Pictures of two sets of pixels each, whose images may be turned."""
    partition, pixels, turn, patient = (np.array(column) for column in zip(*drawn, strict=True))
    _, picture = np.unique(pixels // 2, return_inverse=True)
    turn = np.where(pixels % 2, turn, 0)
    pixels = pixels * 2 + turn  # a turned image has other pixels
    return partition, Copies(pixels, picture, turn, picture, patient)


def kind_by_loop(one: int, others: list[int], shared: Copies) -> str:
    same = [row for row in others if shared.picture[row] == shared.picture[one]]
    if any(shared.pixels[row] == shared.pixels[one] for row in same):
        return EXACT
    if any(shared.turn[row] == shared.turn[one] for row in same):
        return NEAR
    return TURNED if same else NONE


@given(st.lists(IMAGE, min_size=1, max_size=25))
def test_copies_and_their_counts_are_those_of_a_loop(drawn: list[tuple[str, int, int, int]]) -> None:
    partition, shared = made(drawn)
    test, development = (np.flatnonzero(partition == part).tolist() for part in (TEST, DEVELOPMENT))
    expected = [kind_by_loop(row, development, shared) if row in test else NONE for row in range(len(drawn))]
    assert copies_in_development(partition, shared).tolist() == expected
    counted = audit(partition, shared)
    assert (counted.test, counted.exact, counted.near, counted.turned) == (
        len(test),
        *(expected.count(kind) for kind in (EXACT, NEAR, TURNED)),
    )
    pictures = [{shared.picture[row] for row in part} for part in (test, development)]
    assert (counted.pictures, counted.torn_pictures) == (len(pictures[0]), len(pictures[0] & pictures[1]))
    known = {shared.patient[row] for row in development} - {-1}
    if (shared.patient == -1).all():
        assert counted.patient is None
    else:
        assert counted.patient == sum(shared.patient[row] in known for row in test)


@given(st.lists(IMAGE, min_size=2, max_size=20), st.integers(1, 10))
def test_overlap_of_two_sets_is_that_of_a_loop(drawn: list[tuple[str, int, int, int]], cut: int) -> None:
    _, shared = made(drawn)
    cut = min(cut, len(drawn) - 1)
    first = np.arange(len(drawn)) < cut
    kinds = kinds_of_copy(first, ~first, shared)[first]
    expected = [kind_by_loop(row, list(range(cut, len(drawn))), shared) for row in range(cut)]
    counted = overlap(kinds)
    assert (counted.images, counted.exact, counted.near, counted.turned) == (
        cut,
        *(expected.count(kind) for kind in (EXACT, NEAR, TURNED)),
    )


def pairs(*listed: tuple[int, int, int, float, int]) -> pd.DataFrame:
    """first, second, bits, similarity, orientation."""
    columns = ["first", "second", "bits", "similarity", "orientation"]
    return pd.DataFrame(listed, columns=columns).assign(
        **{name: value for name, value in NOT_REGISTERED.items() if name != "similarity"}
    )


COPIES = Copies(
    pixels=np.array([0, 0, 1, 2, 3, 4]),
    picture=np.array([0, 0, 0, 1, 1, 2]),
    turn=np.array([0, 0, 5, 0, 0, 0]),
    group=np.array([0, 0, 0, 1, 1, 2]),
    patient=np.full(6, -1),
)
PAIRS = pairs(
    (0, 1, 0, 0.0, 0),
    (0, 2, 8, 0.0, 5),
    (3, 4, NOT_CLOSE, 0.9, 0),
    (4, 5, NOT_CLOSE, 0.7, 0),
    (2, 5, NOT_CLOSE, 0.6, 0),
)


def test_torn_pairs_have_the_test_image_first_and_are_turned_back() -> None:
    partition = np.array([DEVELOPMENT, TEST, TEST, TEST, TEST, DEVELOPMENT])
    torn_pairs = torn(partition, PAIRS)
    assert torn_pairs[["first", "second"]].to_numpy().tolist() == [[4, 5], [2, 5], [1, 0], [2, 0]]
    assert torn_pairs["orientation"].tolist() == [0, 0, 0, INVERSE[5]]


def test_worst_copies_come_first_one_for_each_picture_and_kind() -> None:
    labels = np.array(["a", "a", "a", "a", "b", "b"])
    worst_pairs = worst_copies(PAIRS, labels, COPIES)
    assert worst_pairs["kind"].tolist() == [NEAR, EXACT, TURNED]
    assert worst_pairs["same_label"].tolist() == [False, True, True]


def test_closest_apart_are_pairs_of_two_groups() -> None:
    closest_pairs = closest_apart(PAIRS, np.array(list("aaaabb")), COPIES)
    assert closest_pairs[["first", "second"]].to_numpy().tolist() == [[4, 5], [2, 5]]


@dataclass(frozen=True)
class Audited:
    """A set full of copies, prepared and searched."""

    index: pd.DataFrame
    pairs: pd.DataFrame
    shared: Copies
    original: pd.Series  # number of the picture that each image was made from


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """30 slices, of each a changed copy in some orientation; one in ten of the copies is under another label."""
    place, files = tmp_path_factory.mktemp("copies"), {}
    changes = list(CHANGES.values())
    for number in range(30):
        image, label = made_up_slice(number), ("no", "yes")[number % 2]
        files[f"{label}/{number:03}.png"] = encode(image)
        other = ("no", "yes")[(number + (number % 10 == 0)) % 2]
        changed = oriented(changes[number % len(changes)](image), (number // len(changes)) * 3 % 8)
        files[f"{other}/{number:03}copy.png"] = encode(np.ascontiguousarray(changed))
    archive = write_zip(place / "a.zip", files)
    index = prepare(archive, entry(), 0, place / "images.npy", place / "thumbnails.npy").index
    thumbnails = np.load(place / "thumbnails.npy")[..., 0]
    searched = find_copies(index["phash"].tolist(), thumbnails, CHOICE.hash_distance)
    shared = copies(index, searched.pairs, CHOICE)
    return Audited(index, searched.pairs, shared, index["id"].str.extract(r"(\d{3})")[0])


def torn_pictures(audited: Audited, one: np.ndarray, other: np.ndarray) -> set[str]:
    return set(audited.original[one]) & set(audited.original[other])


def test_copies_are_found_and_pictures_are_told_apart(audited: Audited) -> None:
    pictures = pd.Series(audited.shared.picture)
    assert (pictures.groupby(audited.original).nunique() == 1).all()
    assert (audited.original.groupby(pictures).nunique() == 1).all()
    assert conflicting(audited.index["label"], audited.shared).sum() == 6  # three copies, and their originals


@pytest.mark.parametrize("folds", [3, 1])
@pytest.mark.parametrize("seed", range(2))
def test_a_grouped_split_tears_no_picture_apart(audited: Audited, folds: int, seed: int) -> None:
    chosen = choice(folds=folds, validation_fraction=0.2 if folds == 1 else None)
    dropped = conflicting(audited.index["label"], audited.shared)
    table = split(audited.index, group_names(audited.index["id"], audited.shared), chosen, seed, dropped)
    development = np.flatnonzero(table["partition"] == DEVELOPMENT)
    assert torn_pictures(audited, held_out_rows(table), development) == set()
    for fold in range(folds):
        assert torn_pictures(audited, *rows(table, fold)) == set()
    counted = audit(table["partition"].to_numpy(), audited.shared)
    assert (counted.exact, counted.near, counted.turned, counted.torn_pictures) == (0, 0, 0, 0)
    assert worst_copies(
        torn(table["partition"].to_numpy(), audited.pairs), table["label"].to_numpy(), audited.shared
    ).empty


@pytest.mark.parametrize("seed", range(2))
def test_a_random_split_has_copies_across_and_the_audit_counts_them_all(audited: Audited, seed: int) -> None:
    table = split(audited.index, group_names(audited.index["id"], audited.shared), choice(strategy="random"), seed)
    across = torn_pictures(audited, held_out_rows(table), np.flatnonzero(table["partition"] == DEVELOPMENT))
    counted = audit(table["partition"].to_numpy(), audited.shared)
    assert counted.torn_pictures == len(across) > 0
    assert counted.exact + counted.near + counted.turned == len(
        [row for row in held_out_rows(table) if audited.original[row] in across]
    )
    assert counted.turned > 0


def test_conflicts_are_dropped_from_every_part(audited: Audited) -> None:
    dropped = conflicting(audited.index["label"], audited.shared)
    table = split(audited.index, group_names(audited.index["id"], audited.shared), choice(), 0, dropped)
    assert (table["partition"] == DROPPED).tolist() == dropped.tolist()
    assert not any(itertools.chain(dropped[held_out_rows(table)], dropped[rows(table, 0)[0]]))
