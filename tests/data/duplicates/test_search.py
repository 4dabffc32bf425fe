"""Copies are found whatever was done to them and however they are turned; other pictures are left alone."""

from collections.abc import Hashable
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from medtransfer.data.duplicates import candidates, search
from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
from medtransfer.data.duplicates.search import COLUMNS, NOT_CLOSE, Search, find_copies
from medtransfer.data.split.pictures import copies, raised
from medtransfer.store.orientations import ALL, INVERSE, oriented
from tests.data.slices import CHANGES, made_up_slice
from tests.data.split.test_pictures import CHOICE

DISTANCE, COPY = 18, 0.85  # what params.yaml has
SEEDS = range(len(CHANGES))


def prepared(images: list[NDArray[np.uint8]]) -> tuple[list[str], NDArray[np.uint8]]:
    """Hashes and thumbnails, as `prepare` makes them."""
    grey = [Image.fromarray(np.ascontiguousarray(image)) for image in images]
    small = [np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for image in grey]
    return [perceptual_hash(image) for image in grey], np.stack(small)


@pytest.fixture(scope="module")
def searched() -> Search:
    """A picture for each change, upright and changed; then each changed one in another orientation."""
    originals = [made_up_slice(seed) for seed in SEEDS]
    changed = [change(image) for image, change in zip(originals, CHANGES.values(), strict=True)]
    turned = [oriented(image, 1 + seed % 7) for seed, image in enumerate(changed)]
    return find_copies(*prepared([*originals, *changed, *turned]), DISTANCE)


def copies_of(outcome: Search) -> pd.DataFrame:
    pairs = outcome.pairs
    return pairs[(pairs["bits"] >= 0) | (pairs["similarity"] >= COPY)]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_image_is_found_upright_and_turned(searched: Search, change: str) -> None:
    seed, count = list(CHANGES).index(change), len(CHANGES)
    pairs = copies_of(searched).set_index(["first", "second"])
    for place, orientation in ((seed + count, 0), (seed + 2 * count, int(INVERSE[1 + seed % 7]))):
        assert (seed, place) in pairs.index, f"{change}, orientation {orientation}"
        assert pairs.loc[(seed, place), "orientation"] == orientation
        assert pairs.loc[(seed, place), "negative"] == (change == "negative")


def test_pairs_do_not_depend_on_how_many_images_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few images are one block, and all of them are kept ready for registration."""
    originals = [made_up_slice(seed) for seed in range(5)]
    hashes, thumbnails = prepared([*originals, *(CHANGES["zoomed"](image) for image in originals)])
    whole = find_copies(hashes, thumbnails, DISTANCE)
    monkeypatch.setattr(candidates, "ROWS", 4)
    monkeypatch.setattr(search, "READY", 2)
    pd.testing.assert_frame_equal(find_copies(hashes, thumbnails, DISTANCE).pairs, whole.pairs, check_exact=True)
    assert (whole.pairs["bits"] == NOT_CLOSE).sum() >= len(originals)


def test_no_two_pictures_are_joined(searched: Search) -> None:
    pairs = copies_of(searched)
    assert (pairs["first"] % len(CHANGES) == pairs["second"] % len(CHANGES)).all()
    assert searched.background < 0.5


def test_registration_tells_what_was_done(searched: Search) -> None:
    names, pairs = list(CHANGES), searched.pairs

    def registration(change: str) -> dict[Hashable, Any]:
        first = names.index(change)
        row = pairs[(pairs["first"] == first) & (pairs["second"] == first + len(CHANGES))].to_dict("records")[0]
        assert row["bits"] == NOT_CLOSE
        return row

    assert abs(registration("rotated")["rotation"]) == pytest.approx(9, abs=1)
    assert registration("zoomed")["zoom"] == pytest.approx(1.1, abs=0.02)
    assert registration("framed")["zoom"] == pytest.approx(200 / 240, abs=0.02)
    assert registration("shifted")["shift"] == pytest.approx(0.05 * np.sqrt(2), abs=0.01)


def test_background_is_that_of_unlike_images_in_a_set_of_many_copies() -> None:
    """Each picture stands in the set eight times, rotated and shifted: the nearest images are copies."""
    rng = np.random.default_rng(0)
    images = [
        _moved(made_up_slice(seed), rng.uniform(-14, 14), rng.uniform(-9, 9, 2)) for seed in range(5) for _ in range(8)
    ]
    outcome = find_copies(*prepared(images), DISTANCE)
    assert outcome.background < 0.5
    index = pd.DataFrame({"patient": "", "sha256": [image.tobytes().hex() for image in images]})
    shared = copies(index, outcome.pairs, raised(CHOICE, outcome.background))
    assert np.array_equal(pd.factorize(shared.picture)[0], np.arange(40) // 8)


def test_a_search_between_two_sets_gives_pairs_of_both_alone() -> None:
    images = [made_up_slice(50), made_up_slice(50)[:, ::-1], made_up_slice(51), _rotated(made_up_slice(50))]
    pairs = find_copies(*prepared(images), DISTANCE, sets=np.array([0, 0, 1, 1])).pairs
    assert list(zip(pairs["first"], pairs["second"], strict=True)) == [(0, 3), (1, 3)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_one_image_over_and_over_is_joined_by_its_hash(count: int) -> None:
    outcome = find_copies(*prepared([made_up_slice(60)] * count), DISTANCE)
    assert outcome.pairs[["first", "second", "bits"]].to_numpy().tolist() == [[0, n, 0] for n in range(1, count)]
    assert list(outcome.pairs.columns) == COLUMNS
    assert outcome.background == 0


def test_flat_images_are_no_copies_by_registration() -> None:
    flat = [np.full((40, 40), level, np.uint8) for level in (0, 128, 255)]
    outcome = find_copies(*prepared([*flat, made_up_slice(70)]), DISTANCE)
    assert (outcome.pairs["bits"] >= 0).all()


@pytest.mark.parametrize("orientation", ALL[::3])
def test_search_does_not_depend_on_the_order(orientation: int) -> None:
    one, other = made_up_slice(80), oriented(_rotated(made_up_slice(80)), orientation)
    there, back = (find_copies(*prepared(list(pair)), DISTANCE).pairs for pair in ((one, other), (other, one)))
    assert there["orientation"].tolist() == [INVERSE[orientation]]
    assert back["orientation"].tolist() == [orientation]


def _moved(image: NDArray[np.uint8], angle: float, shift: NDArray[np.floating]) -> NDArray[np.uint8]:
    map = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), angle, 1)
    map[:, 2] += shift
    return np.asarray(cv2.warpAffine(image, map, image.shape[::-1]), np.uint8)


def _rotated(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _moved(image, 8, np.zeros(2))
