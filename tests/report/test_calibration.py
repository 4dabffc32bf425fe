"""Calibration says what scaling did, also where it did harm."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from medtransfer.evaluation.calibration import Temperature, reliability
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.thresholds import ARGMAX
from medtransfer.report import calibration
from tests.evaluations import decisions

DEVELOPMENT = Development(Temperature(2.0, 0.5, 0.4, 60), ARGMAX, None)
BETTER = decisions()
WORSE = decisions(before=BETTER.after, after=BETTER.before)
UNFITTED = decisions(temperature=1.0, unfitted="every prediction is right", after=BETTER.before)


def test_row_for_each_model_with_dashes_where_nothing_is_fitted() -> None:
    calibrations = {"a": BETTER, "b": UNFITTED}
    table = calibration.table(calibrations).set_index("model")
    assert table["temperature"].tolist() == ["2.00", "not fitted"]
    assert table["log loss"].tolist() == ["0.500<small>–</small>"] * 2
    known = replace(BETTER, before_ends={"loss": (0.44, 0.56)}, after_ends={"loss": (0.2, 0.3)})
    (row,) = calibration.table({"a": known}).to_dict("records")
    assert row["log loss"] == "0.500<small>0.44 to 0.56</small>"
    assert row["log loss, scaled"] == "0.250<small>0.20 to 0.30</small>"
    assert table["calibration error, scaled"].tolist() == ["0.250<small>–</small>", "–"]


def test_models_that_scaling_makes_worse_are_named() -> None:
    what, effect, unfitted = calibration.in_words("mean", DEVELOPMENT, {"a": BETTER, "b": WORSE, "c": UNFITTED})
    assert "(60 in all)" in what
    assert "less sure of itself" in what
    assert effect.startswith(
        "On the test set, after scaling, the calibration error is larger for b and smaller for a; the log loss is "
        "larger for b and smaller for a. Where it is larger, scaling has made the probabilities of these images worse."
    )
    assert unfitted == "c: No temperature is fitted; every prediction is right."
    assert "worse" not in calibration.in_words("mean", DEVELOPMENT, {"a": BETTER})[1]
    assert "less sure" not in calibration.in_words("refit", DEVELOPMENT, {"a": BETTER})[0]


@pytest.fixture
def bins() -> pd.DataFrame:
    """Two bins: four images at 0.6, two of them right, and two at 0.9, both right."""
    confidence = np.array([0.6, 0.6, 0.6, 0.6, 0.9, 0.9])
    return reliability(np.array([0, 0, 1, 1, 0, 0]), np.column_stack([confidence, 1 - confidence]), np.arange(6))


def test_diagram_shows_every_bin_with_its_interval_and_its_images(bins: pd.DataFrame) -> None:
    figure = calibration.reliability_figure(bins, "before")
    upper, lower = figure.axes
    (points, _, (bars,)) = upper.containers[0]
    assert points.get_xydata().tolist() == [pytest.approx([0.6, 0.5]), pytest.approx([0.9, 1])]
    drawn = [(segment[0, 1], segment[1, 1]) for segment in bars.get_segments()]
    assert drawn == [pytest.approx(ends) for ends in zip(bins["low"], bins["high"], strict=True)]
    assert [text.get_text() for text in lower.texts] == ["4", "2"]
    assert calibration.bins_in_words(bins) == "0.60: 0.50 of 4; 0.90: 1.00 of 2"
    plt.close(figure)


@pytest.mark.filterwarnings("error")
def test_diagram_of_one_bin_is_drawn_without_a_warning(bins: pd.DataFrame) -> None:
    figure = calibration.reliability_figure(bins.iloc[:1], "before")
    assert len(figure.axes[0].containers[0]) == 3
    plt.close(figure)
