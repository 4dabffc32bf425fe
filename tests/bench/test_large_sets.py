"""The tables and the figure of bench.large_sets, from made numbers, and its made images."""

import numpy as np
import pandas as pd
import pytest

from bench.large_sets.archive import COPIED, draw
from bench.large_sets.figure import PANELS, figure
from bench.large_sets.tables import BY_HASH, growth_table, plan_table, steps_table

SIZES = np.array([100, 1_000, 10_000])


@pytest.fixture
def measured() -> pd.DataFrame:
    """A step that takes a second an image, and one that takes two seconds a pair, of n^2 / 2."""
    columns = {"images": SIZES, "peak": 50 + SIZES / 100, "anonymous": np.nan, "files": SIZES / 1_000}
    steps = [
        pd.DataFrame({"step": step, **columns, "seconds": SIZES**power, "busy": 5 + SIZES**power})
        for step, power in (("linear", 1), (BY_HASH, 2))
    ]
    return pd.concat(steps, ignore_index=True)


def test_growth_is_the_slope_without_the_start(measured: pd.DataFrame) -> None:
    growth = growth_table(measured).set_index("Step")
    assert growth["Time of all cores"].to_dict() == {
        "linear": "1,000.00 ms an image",
        BY_HASH: "2,000,000,000.0 ns a pair",
    }
    assert growth.loc["linear", "Peak, bytes an image"] == "10,000"
    assert growth.loc["linear", "Files, bytes an image"] == "1,000"


def test_the_plan_extrapolates_images_or_pairs(measured: pd.DataFrame) -> None:
    plan = plan_table(measured).set_index("Step")
    assert plan["Hours of one core"].to_dict() == {"linear": "27,778", BY_HASH: "2,777,777,777,778"}
    assert set(plan["Files, GB"]) == {"100"}


def test_every_size_has_a_row_and_a_point(measured: pd.DataFrame) -> None:
    assert steps_table(measured)["Images"].tolist() == ["100", "1,000", "10,000"] * 2
    assert set(steps_table(measured)["Without pages of files, MB"]) == {"–"}
    for axis in figure(measured, 4_000).axes:
        assert [np.size(line.get_xdata()) for line in axis.lines[:2]] == [3, 3]
    assert len(PANELS) == 3


def test_made_images_differ_but_for_the_mirrored_ones() -> None:
    rng = np.random.default_rng(0)
    images = draw(rng.integers(2, size=2 * COPIED), rng).astype(float)
    alike = np.corrcoef(images.reshape(len(images), -1))
    assert np.abs(alike - np.eye(len(images))).max() < 0.8
    mirrored = np.corrcoef(images[COPIED - 1, :, ::-1].ravel(), images[COPIED - 2].ravel())[0, 1]
    assert mirrored > 0.9
