"""The data card counts what is there, and hides nothing."""

import numpy as np
import pandas as pd
import pytest

from medtransfer.plotting import png
from medtransfer.report import card

AUDIT = {
    "images_in_exact_groups": 4, "exact_groups": 2, "images": 9, "pictures": 6, "largest_picture": 3, "groups": 5,
    "groups_of_several_labels": 1,
    "strategies": {"random": {"test": 10, "exact": 1, "near": 2, "turned": 3}},
    "conflicting_images": 0, "pictures_in_several_orientations": 1, "largest_group": 4,
}  # fmt: skip


def index(**changes: list[object]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "label": ["x", "x", "y"],
        "patient": ["", "", ""],
        "width": [10, 20, 10],
        "height": [10, 30, 10],
        "mode": ["L", "RGB", "L"],
        "format": ["PNG", "JPEG", "PNG"],
        "mean": [10.0, 20.0, 60.0],
        "deviation": [1.0, 2.0, 3.0],
    }
    return pd.DataFrame(columns | changes)


def split(*partitions: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"label": ["x", "x", "y"], "group": ["g", "g", "h"], "picture": [0, 1, 2], "partition": partitions}
    )


def test_class_counts_add_up() -> None:
    counts = card.class_counts(split("test", "test", "development"))
    assert counts.values.tolist() == [["x", 2, 2, 1, 0, 2], ["y", 1, 1, 1, 1, 0]]


def test_dropped_images_have_a_column_where_there_are_any() -> None:
    counts = card.class_counts(split("test", "dropped", "development"))
    assert counts["dropped"].tolist() == [1, 0]


def test_facts_name_sizes_modes_and_formats() -> None:
    facts = card.facts(index(), None, AUDIT)
    assert facts["images"] == "3"
    assert facts["sizes (pixels)"] == "2, from 10 × 10 to 20 × 30; most often 10 × 10"
    assert facts["modes"] == "L 2, RGB 1"
    assert facts["formats, by content"] == "PNG 2, JPEG 1"
    assert facts["patients"] == "not named"
    assert "4 images in 2 groups" in facts["identical pixels"]


def test_patients_are_counted_with_the_images_that_name_them() -> None:
    assert card.facts(index(patient=["p", "p", ""]), None, AUDIT)["patients"] == "1, named for 2 of 3 images"


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (3, "3, as the catalogue expects"),
        ({"x": 2, "y": 1}, "3, as the catalogue expects"),
        ({"x": 1, "y": 2}, "3; the catalogue expects 3 (x 2, not 1; y 1, not 2)"),
        (9, "3; the catalogue expects 9"),
    ],
)
def test_difference_from_the_expected_number_is_named(expected: int | dict[str, int], sentence: str) -> None:
    assert card.facts(index(), expected, AUDIT)["images"] == sentence


def test_rejects_are_counted_by_reason_and_none_is_lost() -> None:
    rejected = pd.DataFrame(
        {"id": [f"f{n}" for n in range(40)], "reason": ["empty file"] * 10 + [f"r{n}" for n in range(30)]}
    )
    table = card.rejects(rejected)
    assert table.iloc[0].tolist() == ["empty file", 10, "f0"]
    assert len(table) == card.LONGEST
    assert table["files"].sum() == 40
    assert card.rejects(rejected[:0]).empty


def test_contact_sheet_has_a_row_per_class_even_of_few_images(rng: np.random.Generator) -> None:
    images = rng.integers(0, 255, (5, 16, 16, 1), dtype=np.uint8)
    sheet = card.contact_sheet(images, np.array(["x"] * 4 + ["y"]), ["x", "y"])
    shown = [
        sum(bool(axis.images) for axis in sheet.axes[row * card.ACROSS : (row + 1) * card.ACROSS]) for row in (0, 1)
    ]
    assert shown == [4, 1]
    assert png(sheet).startswith(b"\x89PNG")


def test_warning_is_given_where_most_images_are_copies() -> None:
    assert card.copies_warning(AUDIT) == ""
    sentence = card.copies_warning(AUDIT | {"images": 3000, "pictures": 300})
    assert "3000 images show 300 independent pictures, 10 images each" in sentence
    assert "60% of the test images have a copy" in sentence
