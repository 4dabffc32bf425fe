"""The embedded data set: reproducible to the byte, anatomically plausible, hard but not hopeless."""

import hashlib
import io
import zipfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from medtransfer.data.download.phantom import CLASSES, Slice, generate, write_archive


@pytest.fixture(scope="module")
def slices() -> list[Slice]:
    return list(generate(64, patients=40, slices_per_patient=3, seed=5))


def same(a: Slice, b: Slice) -> bool:
    return (a.label, a.patient, a.number, a.image.tobytes(), a.mask.tobytes()) == (
        b.label,
        b.patient,
        b.number,
        b.image.tobytes(),
        b.mask.tobytes(),
    )


def correlation(a: Slice, b: Slice) -> float:
    return float(np.corrcoef(a.image.ravel(), b.image.ravel())[0, 1])


def head(item: Slice) -> np.ndarray:
    """The outline from the image alone: the bright scalp, filled."""
    return ndimage.binary_fill_holes(ndimage.gaussian_filter(item.image.astype(float), 0.6) > 45)


@settings(max_examples=15, deadline=None)
@given(size=st.integers(24, 96), seed=st.integers(0, 2**40))
def test_any_size_gives_valid_slices(size: int, seed: int) -> None:
    for item in generate(size, patients=4, slices_per_patient=1, seed=seed):
        assert item.image.shape == item.mask.shape == (size, size)
        assert item.image.dtype == np.uint8
        assert item.mask.dtype == np.bool_
        assert item.mask.any() == (item.label != "no_tumor")
        assert not item.mask[~head(item)].any()


@pytest.mark.parametrize("size", [23, 513])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=r"24\.\.512"):
        next(generate(size, 1, 1, 0))


def test_the_largest_size_works() -> None:
    item = next(generate(512, 1, 1, 0))
    assert item.image.shape == (512, 512)


def test_another_seed_gives_other_slices(slices: list[Slice]) -> None:
    assert not same(slices[0], next(generate(64, 40, 3, seed=6)))


def test_equal_seeds_give_equal_slices_and_a_larger_set_begins_with_the_smaller_one(slices: list[Slice]) -> None:
    few = list(generate(64, 5, 3, seed=5))
    assert all(same(a, b) for a, b in zip(few, slices[:15], strict=True))


def test_classes_and_slices_are_balanced(slices: list[Slice]) -> None:
    assert Counter(item.label for item in slices) == dict.fromkeys(CLASSES, 30)
    assert set(Counter(item.patient for item in slices).values()) == {3}
    assert len({(item.patient, item.label) for item in slices}) == 40
    assert slices[0].patient == "p0001"
    assert [item.number for item in slices[:3]] == [1, 2, 3]


def test_slices_of_one_patient_are_alike_but_not_equal(slices: list[Slice]) -> None:
    within = [
        correlation(a, b) for start in range(0, len(slices), 3) for a, b in combinations(slices[start : start + 3], 2)
    ]
    between = [correlation(a, b) for a, b in combinations(slices[::3], 2)]
    assert np.mean(within) > np.mean(between) + 0.03
    assert max(within) < 0.995
    assert len({item.image.tobytes() for item in slices}) == len(slices)


def contrast(item: Slice) -> float:
    """How much brighter the outer part of the lesion is than the brain around it."""
    rim = item.mask & ~ndimage.binary_erosion(item.mask, iterations=2)
    wide = ndimage.binary_dilation(item.mask, iterations=5)
    ring = wide & ~ndimage.binary_dilation(item.mask, iterations=2)
    return float(item.image[rim].mean() - item.image[ring].mean())


@pytest.mark.parametrize("label", ["glioma", "meningioma", "pituitary"])
def test_lesions_are_brighter_than_their_surroundings(slices: list[Slice], label: str) -> None:
    assert np.mean([contrast(item) for item in slices if item.label == label]) > 25


def test_lesions_differ_in_place_size_and_core_as_the_real_ones_do(slices: list[Slice]) -> None:
    eccentricity, area, core = {}, {}, {}
    for label in set(CLASSES) - {"no_tumor"}:
        items = [item for item in slices if item.label == label]
        centres = [np.subtract(ndimage.center_of_mass(item.mask), 31.5) for item in items]
        eccentricity[label] = np.mean([np.hypot(*centre) for centre in centres])
        area[label] = np.mean([item.mask.sum() for item in items])
        inner = [ndimage.binary_erosion(item.mask, iterations=2) for item in items]
        core[label] = np.mean(
            [
                item.image[i].mean() - item.image[item.mask & ~i].mean()
                for item, i in zip(items, inner, strict=True)
                if i.any()
            ]
        )
    assert eccentricity["pituitary"] < eccentricity["glioma"] < eccentricity["meningioma"]
    assert area["pituitary"] < area["meningioma"] < area["glioma"]
    assert core["glioma"] < 0 < core["meningioma"]


def test_coarse_features_tell_the_classes_apart_only_in_part() -> None:
    slices = list(generate(24, patients=160, slices_per_patient=1, seed=1))
    pixels = np.stack([item.image.ravel() for item in slices]) / 255
    pixels -= pixels.mean(axis=0)
    labels = np.array([CLASSES.index(item.label) for item in slices])
    train, test = np.arange(160) < 120, np.arange(160) >= 120
    # Ridge regression on the classes' indicators, in its dual form.
    gram = pixels[train] @ pixels[train].T + 3 * np.eye(120)
    scores = pixels[test] @ pixels[train].T @ np.linalg.solve(gram, np.eye(4)[labels[train]])
    accuracy = np.mean(scores.argmax(axis=1) == labels[test])
    assert 0.4 < accuracy < 0.95  # chance is 0.25


def test_the_archive_holds_every_image_and_the_masks_of_lesions(tmp_path: Path) -> None:
    slices = list(generate(24, patients=4, slices_per_patient=2, seed=0))
    write_archive(slices, tmp_path / "a.zip")
    write_archive(reversed(slices), tmp_path / "b.zip")
    data = (tmp_path / "a.zip").read_bytes()
    assert hashlib.sha256(data).digest() == hashlib.sha256((tmp_path / "b.zip").read_bytes()).digest()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        assert names == sorted(names)
        assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in entries)
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        stems = {f"{item.label}/{item.patient}_{item.number}.png": item for item in slices}
        assert {n for n in names if n.startswith("images/")} == {f"images/{stem}" for stem in stems}
        lesions = {stem for stem in stems if not stem.startswith("no_tumor/")}
        assert {n for n in names if n.startswith("masks/")} == {f"masks/{stem}" for stem in lesions}
        for stem, item in stems.items():
            image = Image.open(io.BytesIO(archive.read(f"images/{stem}")))
            assert image.mode == "L"
            np.testing.assert_array_equal(np.asarray(image), item.image)
            if stem in lesions:
                mask = np.asarray(Image.open(io.BytesIO(archive.read(f"masks/{stem}"))))
                np.testing.assert_array_equal(mask, np.where(item.mask, 255, 0))
