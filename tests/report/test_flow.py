"""The flow of images: no image is lost, and the words have every number of the diagram."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Rectangle

from medtransfer.report.flow import Flow, diagram, flow, in_words

LABELS = ("Pneumonia-Bacterial", "Normal", "COVID-19")
PLACES = (("test", -1), ("dropped", -1), ("development", 0), ("development", 1), ("development", -1))


def flow_of(places: list[int], reasons: list[str], patients: str = "p") -> Flow:
    """Of images at these places of PLACES, and rejected files for these reasons."""
    number = np.arange(len(places))
    split = pd.DataFrame([PLACES[place] for place in places], columns=["partition", "fold"])
    split = split.assign(label=[LABELS[n % 3] for n in number], picture=number // 2, group=number // 3)
    return flow(split, pd.Series([patients] * len(places)), pd.DataFrame({"reason": reasons}, dtype=str))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.lists(st.sampled_from("abc"), max_size=8))
def test_no_image_is_lost(places: list[int], reasons: list[str]) -> None:
    counted = flow_of(places, reasons)
    parts = (counted.development, counted.test)
    assert counted.files == len(places) + len(reasons)
    assert counted.prepared.images == len(places) == counted.dropped + sum(part.images for part in parts)
    assert sum(counted.folds) + counted.trained == counted.development.images
    assert all(sum(part.classes.values()) == part.images for part in (counted.prepared, *parts))


def test_words_have_every_number_of_the_diagram_and_boxes_hold_their_text() -> None:
    reasons = ["an image of 3 × 3 pixels is too small"] * 5 + ["not an image"] * 3 + ["empty"] * 2 + ["a"]
    counted = flow_of([0] * 700 + [1] * 31 + [2] * 911 + [3] * 907, reasons)
    figure = diagram(counted)
    (axis,) = figure.axes
    words = in_words(counted)
    drawn = [text.get_text() for text in axis.texts]
    assert {"Archive", "Rejected", "Prepared", "Dropped", "Development", "Held-out test set"} <= set(drawn)
    for text in drawn:
        numbers = re.findall(r"\d+", text.replace("1 more reason", ""))
        assert set(numbers) <= set(re.findall(r"\d+", words)), text
    boxes = [patch.get_window_extent() for patch in axis.patches if isinstance(patch, Rectangle)]
    for extent in (text.get_window_extent() for text in axis.texts if text.get_text()):
        assert any(box.contains(*extent.min) and box.contains(*extent.max) for box in boxes)
    plt.close(figure)


def test_patients_are_counted_where_every_image_names_its_own() -> None:
    assert flow_of([0, 2], []).test.patients == 1
    assert flow_of([0, 2], [], patients="").test.patients is None
    assert "patients" not in in_words(flow_of([0, 2], [], patients=""))


def test_single_part_to_validate_on_is_no_fold() -> None:
    words = in_words(flow_of([4, 4, 4, 2, 0], []))
    assert "3 images to train on, 1 to validate on" in words
    assert "fold" not in words
