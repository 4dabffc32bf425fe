"""Sentences on failures."""

import pandas as pd

from medtransfer.evaluation.failures import Part
from medtransfer.report.failures import parts_in_words, patients_in_words
from medtransfer.store.interval import Interval


def test_a_part_that_differs_is_named() -> None:
    parts = [
        ("class", Part("ill", 40, 20, Interval(0.6, 0.5, 0.7))),
        ("class", Part("well", 40, 20, Interval(0.9, 0.8, 0.95))),
        ("class", Part("rare", 4, 2, Interval(0.1, 0.0, 0.2))),
    ]
    assert "differs from that of all images in: class: ill (lower). From the other 1 nothing" in parts_in_words(
        parts, 0.85
    )


def test_patients_are_said_in_one_sentence() -> None:
    table = pd.DataFrame({"patient": list("abcd"), "images": 4, "errors": [4, 1, 0, 0], "accuracy": [0, 0.75, 1, 1]})
    assert patients_in_words(table) == (
        "All test images are predicted right for 2 of 4 patients; the median accuracy of a patient is 0.88, the lowest "
        "0.00; the 2 patients with most errors have 5 of the 5 errors."
    )
    assert patients_in_words(table.tail(2)) == "All test images are predicted right for 2 of 2 patients."
