"""The experiment's differences are paired by image, and nothing is summary where nothing is."""

import numpy as np
import pandas as pd
import pytest

from medtransfer.comparison.leakage import summarise
from medtransfer.data.split.arms import ARMS


def scored(right: dict[str, list[int]], repeats: int = 1) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"repeat": repeat, "arm": arm, "row": range(len(values)), "right": values})
        for repeat in range(repeats)
        for arm, values in right.items()
    ]
    return pd.concat(frames, ignore_index=True)


RIGHT = {"random": [1, 1, 1, 0], "control": [1, 1, 0, 0], "without_copies": [1, 0, 0, 0]}
GROUPS = np.array(["g", "g", "h", "k"])


def test_differences_are_of_the_same_images() -> None:
    summary = summarise(scored(RIGHT, 2), GROUPS, np.array([True, True, False, False] * 2))
    assert (summary["test_images"], summary["distinct_images"], summary["groups"]) == (8, 4, 3)
    assert {arm: summary["all"]["accuracy"][arm]["value"] for arm in ARMS} == {
        "random": 0.75,
        "control": 0.5,
        "without_copies": 0.25,
    }
    values = {name: each["value"] for name, each in summary["all"]["differences"].items()}
    assert values == {"random_minus_control": 0.25, "control_minus_without_copies": 0.25}
    copied = summary["with_copies"]
    assert copied["test_images"] == 4
    assert copied["differences"]["control_minus_without_copies"]["value"] == 0.5


def test_no_image_with_a_copy_is_no_number() -> None:
    summary = summarise(scored(RIGHT), GROUPS, np.zeros(4, dtype=bool))
    assert summary["with_copies"] == {"accuracy": None, "differences": None, "test_images": 0}


@pytest.mark.parametrize("arm", ["random", "control"])
def test_equal_arms_differ_by_nothing(arm: str) -> None:
    same = dict.fromkeys(ARMS, RIGHT[arm])
    summary = summarise(scored(same), GROUPS, np.ones(4, dtype=bool))["all"]["differences"]
    assert all(each == {"value": 0, "low": 0, "high": 0} for each in summary.values())
