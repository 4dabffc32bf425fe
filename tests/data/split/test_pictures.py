"""Pictures and groups are those of a loop over all pairs, and orientations fit together along chains."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.duplicates.search import NOT_CLOSE, NOT_REGISTERED
from medtransfer.data.split.pictures import conflicting, copies, group_names, raised, repetitions
from medtransfer.settings.params import Duplicates
from medtransfer.store.orientations import ALL, COMPOSED, INVERSE

CHOICE = Duplicates(hash_distance=18, copy_similarity=0.85, group_similarity=0.75, group_thumbnail=0.98)
KINDS: dict[str, dict[str, float]] = {
    "hash": {"bits": 10},
    "copy": {"bits": NOT_CLOSE, "similarity": 0.9},
    "alike": {"bits": NOT_CLOSE, "similarity": 0.8},
    "thumbnail": {"bits": NOT_CLOSE, "similarity": 0.6, "thumbnail": 0.99},
    "strangers": {"bits": NOT_CLOSE, "similarity": 0.6, "thumbnail": 0.9},
}
PAIR = st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(sorted(KINDS)))


def table(listed: list[tuple[int, int, str]], turns: list[int] | None = None) -> pd.DataFrame:
    """Pairs of `find_copies`; with the images' own turns, the orientation between the two follows from these."""
    rows = []
    for first, second, kind in listed:
        one, other = (turns[first], turns[second]) if turns else (0, 0)
        way = int(COMPOSED[INVERSE[one], other])
        rows.append({**NOT_REGISTERED, **KINDS[kind], "first": first, "second": second, "orientation": way})
    columns = ["first", "second", "bits", "orientation", *NOT_REGISTERED]
    return pd.DataFrame(rows, columns=columns).astype({"first": int, "second": int, "orientation": int})


def index(count: int = 12, patients: list[str] | None = None, pixels: list[int] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"i{number}" for number in range(count)],
            "patient": patients or [""] * count,
            "sha256": [str(value) for value in (pixels or range(count))],
        }
    )


def together(numbers: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(numbers == number).tolist()) for number in np.unique(numbers)}


def merged(count: int, links: list[tuple[int, int]]) -> set[frozenset[int]]:
    """By merging sets, one link after another."""
    sets = [{number} for number in range(count)]
    for first, second in links:
        union = sets[first] | sets[second]
        for member in union:
            sets[member] = union
    return {frozenset(part) for part in sets}


@given(st.lists(PAIR, max_size=15), st.lists(st.sampled_from(["", "p", "q"]), min_size=12, max_size=12))
def test_pictures_and_groups_are_those_of_a_loop(listed: list[tuple[int, int, str]], patients: list[str]) -> None:
    shared = copies(index(patients=patients), table(listed), CHOICE)
    certain = [(a, b) for a, b, kind in listed if kind in ("hash", "copy")]
    alike = certain + [(a, b) for a, b, kind in listed if kind in ("alike", "thumbnail")]
    slices = [(a, b) for a in range(12) for b in range(12) if patients[a] and patients[a] == patients[b]]
    assert together(shared.picture) == merged(12, certain)
    assert together(shared.group) == merged(12, alike + slices)
    names = group_names(index()["id"], shared)
    assert all(names[row] == f"i{min(part)}" for part in together(shared.group) for row in part)


@given(st.lists(PAIR, max_size=20), st.lists(st.sampled_from(ALL), min_size=12, max_size=12))
def test_turns_of_one_picture_fit_together(listed: list[tuple[int, int, str]], turns: list[int]) -> None:
    listed = [pair for pair in listed if pair[0] != pair[1]]
    shared = copies(index(), table(listed, turns), CHOICE)
    for part in together(shared.picture):
        first = min(part)
        assert shared.turn[first] == 0
        for row in part:  # `turns` leads to a common look: so does `turn`, up to the first image's own
            assert shared.turn[row] == COMPOSED[INVERSE[turns[first]], turns[row]]


def test_a_picture_under_two_labels_is_a_conflict_in_any_orientation() -> None:
    shared = copies(index(5), table([(0, 1, "hash"), (1, 2, "copy"), (3, 4, "alike")], [0, 3, 1, 0, 0]), CHOICE)
    assert conflicting(pd.Series(list("aabab")), shared).tolist() == [True, True, True, False, False]


def test_repetitions_are_counted_whatever_the_split() -> None:
    # Three of one picture, two of them identical and one mirrored; two of another; one alone, like the second.
    listed = [(0, 1, "hash"), (1, 2, "copy"), (3, 4, "hash"), (4, 5, "alike")]
    shared = copies(index(6, pixels=[0, 0, 2, 3, 4, 5]), table(listed, [0, 0, 1, 0, 0, 0]), CHOICE)
    assert repetitions(pd.Series(list("aaabba")), shared) == {
        "pictures": 3,
        "classes": {"a": {"images": 4, "pictures": 2}, "b": {"images": 2, "pictures": 1}},
        "exact_groups": 1,
        "images_in_exact_groups": 2,
        "pictures_with_copies": 2,
        "images_with_copies": 5,
        "pictures_in_several_orientations": 1,
        "largest_picture": 3,
        "groups": 2,
        "largest_group": 3,
        "conflicting_images": 0,
        "groups_of_several_labels": 1,
    }


@pytest.mark.parametrize("count", [1, 3])
def test_without_pairs_every_image_is_alone(count: int) -> None:
    shared = copies(index(count), table([]), CHOICE)
    assert len(np.unique(shared.picture)) == len(np.unique(shared.group)) == count
    assert shared.turn.tolist() == [0] * count


def test_thresholds_rise_with_the_background_and_never_fall() -> None:
    assert raised(CHOICE, 0.0) == CHOICE
    assert raised(CHOICE, -0.3) == CHOICE
    high = raised(CHOICE, 0.8)
    assert CHOICE.copy_similarity < high.copy_similarity < 1
    assert CHOICE.group_similarity < high.group_similarity < high.copy_similarity
