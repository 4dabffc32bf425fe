"""Rows that share a patient, their pixels, or nearly so, are one group, however long the chain."""

import itertools

import networkx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.duplicates import Likeness, conflicting, groups, likeness, repetitions

HASHES = [f"{(1 << bits) - 1:064x}" for bits in (0, 3, 6, 30, 33, 100, 200, 256)]
# Patient, pixels, hash; equal pixels have equal hashes, as they do in life.
ROW = st.tuples(st.sampled_from(["", "", "p1", "p2", "p3"]), st.integers(0, 15))
ROWS = st.lists(ROW, min_size=1, max_size=30)


def table(rows: list[tuple[str, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"i{number}" for number in range(len(rows))],
            "patient": [patient for patient, _ in rows],
            "sha256": [f"{pixels:064x}" for _, pixels in rows],
            "phash": [HASHES[pixels % len(HASHES)] for _, pixels in rows],
        }
    )


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@given(ROWS, st.integers(0, 40))
def test_groups_are_the_connected_components_of_sharing(rows: list[tuple[str, int]], distance: int) -> None:
    index = table(rows)
    graph = networkx.Graph()
    graph.add_nodes_from(index["id"])
    for (_, one), (_, other) in itertools.combinations(index.iterrows(), 2):
        patients = one["patient"] == other["patient"] != ""
        if patients or one["sha256"] == other["sha256"] or bits_apart(one["phash"], other["phash"]) <= distance:
            graph.add_edge(one["id"], other["id"])
    expected = {frozenset(component) for component in networkx.connected_components(graph)}
    named = groups(index["id"], likeness(index, distance))
    assert {frozenset(part) for _, part in index.groupby(named)["id"]} == expected
    assert all(named[part.index].eq(part.iloc[0]).all() for _, part in index.groupby(named)["id"])


def test_a_group_is_named_for_its_first_image() -> None:
    index = pd.DataFrame({"id": ["a", "b", "c"], "patient": "", "sha256": ["x", "y", "x"]})
    index["phash"] = [HASHES[0], HASHES[5], HASHES[0]]
    assert groups(index["id"], likeness(index, 36)).tolist() == ["a", "b", "a"]


def test_two_patients_with_one_image_in_common_are_one_group() -> None:
    index = table([("p1", 0), ("p1", 5), ("p2", 5), ("p2", 6), ("", 7)])
    assert groups(index["id"], likeness(index, 2)).tolist() == ["i0", "i0", "i0", "i0", "i4"]


def test_images_without_a_patient_share_none() -> None:
    index = table([("", 0), ("", 5), ("", 6)])
    assert likeness(index, 2).patient.tolist() == [-1, -1, -1]
    assert groups(index["id"], likeness(index, 2)).tolist() == ["i0", "i1", "i2"]


def test_groups_follow_an_index_of_any_names() -> None:
    index = table([("", 0), ("", 5), ("", 0)]).set_axis([7, 3, 5])
    named = groups(index["id"], likeness(index, 2))
    assert named.index.tolist() == [7, 3, 5]
    assert named.tolist() == ["i0", "i1", "i0"]


def test_hashes_of_equal_length_of_numbers_stay_text() -> None:
    index = table([("1", 0), ("1.0", 5), ("01", 6)])
    assert likeness(index, 0).patient.tolist() == [0, 1, 2]


def as_sets(alike: Likeness) -> dict[tuple[int, int], int]:
    return {(int(i), int(j)): int(bits) for i, j, bits in zip(*alike.pairs, strict=True)}


@given(ROWS, st.integers(0, 40), st.integers(0, 40))
def test_within_a_smaller_distance_is_what_that_distance_finds(rows: list[tuple[str, int]], one: int, two: int) -> None:
    index, near, far = table(rows), min(one, two), max(one, two)
    narrowed, direct = likeness(index, far).within(near), likeness(index, near)
    assert as_sets(narrowed) == as_sets(direct)
    assert all(bits <= near for bits in as_sets(narrowed).values())
    for name in ("pixels", "patient", "hash"):
        np.testing.assert_array_equal(getattr(narrowed, name), getattr(direct, name))
    assert groups(index["id"], narrowed).equals(groups(index["id"], direct))


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab")), min_size=1, max_size=20))
def test_conflicting_images_have_their_pixels_under_another_label_too(rows: list[tuple[int, str]]) -> None:
    index = table([("", pixels) for pixels, _ in rows])
    labels = pd.Series([label for _, label in rows], index=range(10, 10 + len(rows)))
    found = conflicting(labels, likeness(index, 0))
    for (pixels, label), conflict in zip(rows, found, strict=True):
        assert conflict == any(pixels == other and label != given for other, given in rows)


def test_repetitions_are_counted_whatever_the_split() -> None:
    # Three times the same, twice the same under two labels, a near twin of those, and one that is like no other.
    index = table([("", 5), ("", 5), ("", 5), ("", 0), ("", 0), ("", 1), ("", 7)])
    labels, alike = pd.Series(list("aaaabba")), likeness(index, 3)
    assert repetitions(labels, groups(index["id"], alike), alike) == {
        "exact_groups": 2,
        "images_in_exact_groups": 5,
        "near_twin_pairs": 2,  # the near twin beside each of the two
        "near_twins_of_other_labels": 3,
        "groups": 3,
        "conflicting_images": 2,
        "groups_of_several_labels": 1,
    }


@pytest.mark.parametrize("count", [1, 5])
def test_a_set_of_one_image_over_and_over_is_one_group(count: int) -> None:
    index = table([("", 3)] * count)
    assert groups(index["id"], likeness(index, 36)).tolist() == ["i0"] * count


def test_an_index_without_rows_has_no_groups() -> None:
    index = table([("", 0)])[:0]
    assert len(groups(index["id"], likeness(index, 36))) == 0
