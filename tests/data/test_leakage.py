"""The audit counts what a loop over all pairs counts; and a grouped split has nothing for it to count."""

import itertools
from dataclasses import dataclass

import imagehash
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from medtransfer.data.duplicates import Likeness, conflicting, groups, likeness
from medtransfer.data.leakage import EXACT, NEAR, NONE, audit, overlap, twins, worst_pairs
from medtransfer.data.partitions import DEVELOPMENT, DROPPED, TEST, held_out_rows, rows
from medtransfer.data.phantom import CLASSES, generate
from medtransfer.data.prepare import prepare
from medtransfer.data.split import split
from tests.data.archives import encode, entry, write_zip
from tests.data.test_split import choice

HASHES = [f"{(1 << bits) - 1:064x}" for bits in (0, 2, 5, 30, 34, 36, 150, 256)]
ROW = st.tuples(
    st.sampled_from([TEST, DEVELOPMENT, DROPPED]),
    st.integers(0, 15),  # pixels; equal pixels have equal hashes
    st.sampled_from(["", "p1", "p2"]),
    st.sampled_from("ab"),
)


def table(drawn: list[tuple[str, int, str, str]]) -> pd.DataFrame:
    index = pd.DataFrame(drawn, columns=["partition", "pixels", "patient", "label"])
    index["id"] = [f"i{number}" for number in range(len(index))]
    index["sha256"] = [f"{pixels:064x}" for pixels in index["pixels"]]
    index["phash"] = [HASHES[pixels % len(HASHES)] for pixels in index["pixels"]]
    return index


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def kind_of_twin(row: pd.Series, others: pd.DataFrame, distance: int) -> str:
    """By a loop over the others."""
    if any(row["sha256"] == other for other in others["sha256"]):
        return EXACT
    return NEAR if any(bits_apart(row["phash"], other) <= distance for other in others["phash"]) else NONE


@given(st.lists(ROW, min_size=1, max_size=25), st.integers(0, 40))
def test_twins_and_their_counts_are_those_of_a_loop(drawn: list[tuple[str, int, str, str]], distance: int) -> None:
    index = table(drawn)
    alike = likeness(index, distance)
    development = index[index["partition"] == DEVELOPMENT]
    expected = [
        kind_of_twin(row, development, distance) if row["partition"] == TEST else NONE for _, row in index.iterrows()
    ]
    partition = index["partition"].to_numpy()
    assert twins(partition, alike).tolist() == expected
    found = audit(partition, alike)
    test = index[index["partition"] == TEST]
    assert (found.test, found.exact, found.near) == (len(test), expected.count(EXACT), expected.count(NEAR))
    assert found.exact_groups == len(set(test["sha256"]) & set(development["sha256"]))
    if (index["patient"] == "").all():
        assert found.patient is None
    else:
        known = set(development["patient"]) - {""}
        assert found.patient == sum(patient in known for patient in test["patient"])


@given(st.lists(ROW, min_size=1, max_size=20), st.integers(0, 40), st.integers(0, 40))
def test_worst_pairs_are_those_of_a_loop_one_for_each_pair_of_groups(
    drawn: list[tuple[str, int, str, str]], one: int, two: int
) -> None:
    index, distance = table(drawn), max(one, two)
    group = groups(index["id"], likeness(index, min(one, two)))
    listed = list(zip(index["partition"], index["label"], index["sha256"], index["phash"], group, strict=True))
    pairs = []
    for (i, test), (j, development) in itertools.product(enumerate(listed), repeat=2):
        bits = bits_apart(test[3], development[3])
        if (test[0], development[0]) == (TEST, DEVELOPMENT) and bits <= distance:
            kind = EXACT if test[2] == development[2] else NEAR
            pairs.append((test[1] == development[1], bits, kind, i, j, test[4], development[4]))
    expected, seen = [], set()
    for same, bits, kind, i, j, *sides in sorted(pairs):
        if tuple(sides) not in seen:
            seen.add(tuple(sides))
            expected.append([i, j, bits, kind, same])
    found = torn(index, group, likeness(index, distance))
    assert list(found.columns) == ["test", "development", "bits", "kind", "same_label"]
    assert found.to_numpy().tolist() == expected


def torn(index: pd.DataFrame, group: pd.Series, alike: Likeness) -> pd.DataFrame:
    return worst_pairs(index["partition"].to_numpy(), index["label"].to_numpy(), group.to_numpy(), alike)


def test_two_labels_on_one_image_are_the_worst_pair() -> None:
    index = table([(TEST, 3, "", "a"), (DEVELOPMENT, 3, "", "a"), (TEST, 7, "", "a"), (DEVELOPMENT, 7, "", "b")])
    alike = likeness(index, 0)
    found = torn(index, groups(index["id"], alike), alike)
    assert found.to_numpy().tolist() == [[2, 3, 0, EXACT, False], [0, 1, 0, EXACT, True]]


@given(st.lists(ROW, min_size=1, max_size=12), st.lists(ROW, min_size=1, max_size=12), st.integers(0, 40))
def test_overlap_of_two_sets_is_that_of_a_loop(
    drawn: list[tuple[str, int, str, str]], others: list[tuple[str, int, str, str]], distance: int
) -> None:
    index, other = table(drawn), table(others)
    kinds = [kind_of_twin(row, other, distance) for _, row in index.iterrows()]
    found = overlap(index, other, distance)
    assert (found.images, found.exact, found.near) == (len(index), kinds.count(EXACT), kinds.count(NEAR))


@dataclass(frozen=True)
class Audited:
    """A set full of twins, prepared, with all that the split stage works out of it."""

    index: pd.DataFrame
    alike: Likeness
    group: pd.Series
    dropped: NDArray[np.bool_]
    hashes: list[imagehash.ImageHash]


DISTANCE = 36  # what params.yaml has


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """150 slices, and of every second one a copy: exact, of another label, as JPEG, resized or brightened."""
    place = tmp_path_factory.mktemp("twins")
    files: dict[str, bytes] = {}
    for number, item in enumerate(generate(64, patients=150, slices_per_patient=1, seed=3)):
        other_label = CLASSES[(CLASSES.index(item.label) + 1) % len(CLASSES)]
        files[f"{item.label}/{number:03}.png"] = encode(item.image)
        brighter = np.minimum(item.image * 1.08 + 4, 255).astype(np.uint8)
        larger = np.asarray(Image.fromarray(brighter).resize((90, 90), Image.Resampling.BICUBIC))
        copies = {
            0: (item.label, "png", encode(item.image)),
            2: (other_label, "png", encode(item.image)),
            4: (item.label, "jpg", encode(item.image, "JPEG", quality=70)),
            6: (other_label, "jpg", encode(item.image, "JPEG", quality=60)),
            8: (item.label, "png", encode(larger)),
        }
        if number % 10 in copies:
            label, suffix, content = copies[number % 10]
            files[f"{label}/copy{number:03}.{suffix}"] = content
            if number % 20 == 0:  # and a copy of the copy, far more worn
                files[f"{label}/copy{number:03}again.jpg"] = encode(larger, "JPEG", quality=40)
    dataset = entry(classes={label: [f"{label}/*"] for label in CLASSES}, positive=None, healthy=None)
    index = prepare(write_zip(place / "a.zip", files), dataset, 64, 0, place / "images.npy").index
    assert len(index) == len(files) == 233
    alike = likeness(index, DISTANCE)
    hashes = [imagehash.hex_to_hash(text) for text in index["phash"]]
    return Audited(index, alike, groups(index["id"], alike), conflicting(index["label"], alike), hashes)


def torn_pairs(audited: Audited, one_side: NDArray[np.intp], other_side: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Twins, exact or near, with an image on either side, by a loop."""
    sha256 = audited.index["sha256"]
    return [
        (int(i), int(j))
        for i, j in itertools.product(one_side, other_side)
        if sha256[i] == sha256[j] or audited.hashes[i] - audited.hashes[j] <= DISTANCE
    ]


def test_copies_are_found_and_the_originals_are_told_apart(audited: Audited) -> None:
    numbers = audited.index["id"].str.extract(r"(\d{3})")[0]
    assert (audited.group.groupby(numbers).nunique() == 1).all()  # every copy is with its original
    assert audited.group.nunique() > 100  # and most originals are not with each other
    assert audited.dropped.sum() == 30  # 15 exact copies under another label, and their originals


@pytest.mark.parametrize("folds", [3, 1])
@pytest.mark.parametrize("seed", range(4))
def test_a_grouped_split_has_no_twin_across_test_and_development_nor_across_folds(
    audited: Audited, folds: int, seed: int
) -> None:
    chosen = choice(folds=folds, validation_fraction=0.15 if folds == 1 else None, twin_distance=DISTANCE)
    table = split(audited.index, audited.group, chosen, seed, audited.dropped)
    development = np.flatnonzero(table["partition"] == DEVELOPMENT)
    assert len(held_out_rows(table)) > 30
    assert torn_pairs(audited, held_out_rows(table), development) == []
    for fold in range(folds):
        train, validation = rows(table, fold)
        assert len(validation) > 20
        assert torn_pairs(audited, validation, train) == []
    found = audit(table["partition"].to_numpy(), audited.alike)
    assert (found.exact, found.near, found.exact_groups) == (0, 0, 0)
    assert torn(table, audited.group, audited.alike).empty


@pytest.mark.parametrize("seed", range(4))
def test_a_random_split_has_twins_across_and_the_audit_counts_them_all(audited: Audited, seed: int) -> None:
    table = split(audited.index, audited.group, choice(strategy="random"), seed)
    pairs = torn_pairs(audited, held_out_rows(table), np.flatnonzero(table["partition"] == DEVELOPMENT))
    found = audit(table["partition"].to_numpy(), audited.alike)
    assert found.exact > 0
    assert found.near > 0
    assert found.exact + found.near == len({test for test, _ in pairs})
    shown = torn(table, audited.group, audited.alike)
    assert set(zip(shown["test"], shown["development"], strict=True)) <= set(pairs)
    assert len(shown) == len({audited.group[test] for test, _ in pairs})
