"""Pairs are shown with what lies between them, and sheets with what they show."""

from typing import Any

import numpy as np
import pytest

from medtransfer.plotting import png
from medtransfer.report.copies import COLUMNS, Pair, change_in_words, copies_sheet, gallery, groups_sheet

PLAIN: dict[str, Any] = {
    "kind": "near", "orientation": 0, "negative": False, "bits": -1, "similarity": 0.93, "rotation": 0.4, "zoom": 1.0,
    "stretch": 1.0, "shift": 0.0,
}  # fmt: skip
WORDS: dict[str, dict[str, Any]] = {
    "same pixels": {"kind": "exact", "bits": 0},
    "12 of 256 bits differ": {"bits": 12},
    "turned by 180°, 4 of 256 bits differ": {"kind": "turned", "bits": 4, "orientation": 3},
    "mirrored left to right, negative, similarity 0.93": {"orientation": 1, "negative": True},
    "rotated by 9°, zoomed by -10%, similarity 0.93": {"rotation": -9.2, "zoom": 0.9},
    "stretched by 20%, shifted by 5%, similarity 0.93": {"stretch": 0.8, "shift": 0.05},
}


@pytest.mark.parametrize("words", WORDS)
def test_change_is_named(words: str) -> None:
    assert change_in_words(PLAIN | WORDS[words]) == words


def pair(labels: tuple[str, str] = ("x", "x")) -> Pair:
    return Pair(np.zeros((8, 8, 1), np.uint8), np.ones((8, 8, 3), np.uint8), labels, ("a", "b"), "same pixels")


def test_gallery_marks_two_labels_on_one_picture() -> None:
    figure = gallery({"random": [pair(), pair(("x", "y"))] + [pair()] * 3, "grouped": []})
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert texts[:2] == ["x\nsame pixels\na\nb", "x / y!\nsame pixels\na\nb"]
    assert len(figure.axes) == 3 * COLUMNS
    assert png(figure).startswith(b"\x89PNG")


def test_gallery_says_where_there_are_no_pairs() -> None:
    figure = gallery({"random": [pair()], "grouped": []})
    titles = [axis.get_title(loc="left") for axis in figure.axes if axis.get_title(loc="left")]
    assert titles == ["random", "grouped: none"]


@pytest.mark.parametrize("number", [1, 3, 8])
def test_sheet_of_one_line_shows_title_and_captions_whole(number: int) -> None:
    images = np.zeros((number, 96, 96, 1), np.uint8)
    figure = copies_sheet(images, np.zeros(number, int), np.arange(number))
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()  # in inches
    assert min(drawn.x0, drawn.y0) >= 0
    assert drawn.x1 <= figure.get_figwidth()
    assert drawn.y1 <= figure.get_figheight()


def test_copies_sheet_shows_the_picture_with_most_orientations() -> None:
    images = np.zeros((7, 8, 8, 1), np.uint8)
    picture, turn = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 0, 3, 0, 0])
    figure = copies_sheet(images, picture, turn)
    assert figure.axes[0].get_title(loc="left") == "one picture, 2 images"
    assert [text.get_text() for axis in figure.axes for text in axis.texts] == ["upright", "turned\nby 180°"]


def test_groups_sheet_shows_the_largest_first() -> None:
    figure = groups_sheet(np.zeros((5, 8, 8, 1), np.uint8), np.array([0, 1, 1, 1, 0]), np.array(list("abbba")))
    titles = [axis.get_title(loc="left") for axis in figure.axes if axis.get_title(loc="left")]
    assert titles == ["group 1 by size, 3 images", "group 2 by size, 2 images"]
