"""The audit's tables and figures say what was counted."""

import numpy as np

from medtransfer.plotting import png
from medtransfer.report.leakage import COLUMNS, Pair, audit_figure, audit_table, gallery, overlap_table, worth_table

FOUND = {"test": 200, "exact": 10, "near": 40, "patient": None, "patient_alone": 0, "exact_groups": 7}


def pair(bits: int, labels: tuple[str, str] = ("x", "x")) -> Pair:
    return Pair(np.zeros((8, 8, 1), np.uint8), np.ones((8, 8, 3), np.uint8), labels, ("a", "b"), bits, bits == 0)


def test_a_row_per_strategy_with_the_share() -> None:
    table = audit_table({"dataset": "d", "strategies": {"random": FOUND, "grouped": FOUND | {"patient": 3}}})
    assert table["strategy"].tolist() == ["random", "grouped"]
    assert table["with a twin"].tolist() == ["25.0%", "25.0%"]
    assert table["same patient"].tolist() == ["not named", "3"]


def test_overlap_is_a_share_of_the_first_set() -> None:
    row = overlap_table([{"dataset": "a", "other": "b", "images": 50, "exact": 1, "near": 4}]).iloc[0]
    assert row.tolist() == ["a", "50", "b", "1", "4", "10.0%"]


def test_worth_of_leakage_is_two_accuracies_side_by_side() -> None:
    measured = {"dataset": "d", "strategy": "random", "model": "m", "images": 9, "test": {"accuracy": 0.9}}
    free = {"images": 3, "accuracy": 0.5, "interval": [0.1, 0.9], "balanced": 0.4, "balanced_all": 0.8}
    row = worth_table(measured | {"test_twin_free": free | {"by_class": {"x": 1, "y": 2}}}).iloc[0]
    assert row.tolist() == [
        "d",
        "random",
        "m",
        "0.900 of 9",
        "0.500 of 3 (0.100 to 0.900)",
        "x 1, y 2",
        "0.800",
        "0.400",
    ]
    none = dict.fromkeys(free) | {"images": 0, "by_class": {}}
    assert worth_table(measured | {"test_twin_free": none}).iloc[0]["twin-free"] == "– of 0"


def test_bars_are_as_long_as_the_shares() -> None:
    figure = audit_figure({"random": FOUND, "grouped": FOUND | {"exact": 0, "near": 0}}, "title")
    widths = [bar.get_width() for container in figure.axes[0].containers for bar in container]
    np.testing.assert_allclose(widths, [0.05, 0, 0.2, 0, 0, 0])
    assert figure.axes[0].get_xlabel().endswith("(share)")
    assert png(figure) == png(audit_figure({"random": FOUND, "grouped": FOUND | {"exact": 0, "near": 0}}, "title"))


def test_gallery_marks_two_labels_on_one_picture() -> None:
    figure = gallery({"random": [pair(0), pair(4, ("x", "y"))], "grouped": []})
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert texts == ["x: same pixels\na\nb", "x / y!: 4 of 256 bits differ\na\nb"]
    assert len(figure.axes) == 2 * COLUMNS
    assert png(figure).startswith(b"\x89PNG")
