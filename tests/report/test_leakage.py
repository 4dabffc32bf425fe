"""The audit's and the experiment's tables and figures say what was counted."""

import numpy as np
import pytest

from medtransfer.plotting import png
from medtransfer.report import leakage
from tests.report.finished_study import EXPERIMENT

COUNTS = {
    "test": 200, "exact": 10, "near": 30, "turned": 10, "patient": None, "patient_alone": 0, "exact_groups": 7,
    "pictures": 90, "torn_pictures": 20,
}  # fmt: skip


def test_a_row_per_strategy_tells_the_kinds_of_copies_apart() -> None:
    table = leakage.audit_table({"dataset": "d", "strategies": {"random": COUNTS, "grouped": COUNTS | {"patient": 3}}})
    assert table["strategy"].tolist() == ["random", "grouped"]
    assert table.iloc[0][["identical pixels", "near-duplicate", "mirrored or turned copy"]].tolist() == [
        "10",
        "30",
        "10",
    ]
    assert table["with a copy"].tolist() == ["25.0%", "25.0%"]
    assert table["same patient"].tolist() == ["not named", "3"]


def test_overlap_is_a_share_of_the_first_set() -> None:
    pair = {"dataset": "a", "other": "b", "images": 50, "exact": 1, "near": 3, "turned": 1}
    assert leakage.overlap_table([pair]).iloc[0].tolist() == ["a", "50", "b", "1", "3", "1", "10.0%"]


def test_pictures_are_counted_beside_images() -> None:
    audit = {
        "dataset": "d", "images": 9, "pictures": 4, "pictures_in_several_orientations": 1, "largest_picture": 3,
        "largest_group": 5, "classes": {"x": {"images": 6, "pictures": 2}, "y": {"images": 3, "pictures": 2}},
    }  # fmt: skip
    row = leakage.pictures_table(audit).iloc[0]
    assert row.tolist() == ["d", "9", "4", "x 2 / 6, y 2 / 3", "1", "3", "5"]


def test_experiment_is_two_rows_in_percentage_points() -> None:
    table = leakage.experiment_table(EXPERIMENT)
    assert table[["tested on", "test images"]].to_numpy().tolist() == [
        ["all images", "50"],
        ["images whose group is in development", "20"],
    ]
    assert table["copies are worth"].tolist() == ["+8.0 (+3.0 to +13.0)"] * 2
    assert table["fewer images cost"].tolist() == ["+2.0 (-3.0 to +7.0)"] * 2
    alone = EXPERIMENT | {"with_copies": {"accuracy": None, "differences": None, "test_images": 0}}
    assert len(leakage.experiment_table(alone)) == 1
    assert leakage.experiment_table({"model": None}).empty


def test_text_says_what_is_compared_or_why_nothing_is() -> None:
    sentence = leakage.experiment_in_words(EXPERIMENT)
    assert "50 over all repeats, of 30 groups" in sentence
    assert "leakage.model" in leakage.experiment_in_words({"model": None, "reason": "name one in leakage.model"})


def test_bars_are_as_long_as_the_shares() -> None:
    counts = {"random": COUNTS, "grouped": COUNTS | {"exact": 0, "near": 0, "turned": 0}}
    figure = leakage.audit_figure(counts, "title")
    widths = [bar.get_width() for container in figure.axes[0].containers for bar in container]
    np.testing.assert_allclose(widths, [0.05, 0, 0.15, 0, 0.05, 0, 0, 0])
    assert figure.axes[0].get_xlabel().endswith("(share)")
    assert png(figure) == png(leakage.audit_figure(counts, "title"))


def test_experiment_figure_has_a_point_for_each_arm() -> None:
    axis = leakage.experiment_figure(EXPERIMENT).axes[0]
    points = [np.asarray(line.get_xdata())[0] for line in axis.lines if line.get_marker() == "o"]
    assert points == pytest.approx([0.9, 0.88, 0.8])
