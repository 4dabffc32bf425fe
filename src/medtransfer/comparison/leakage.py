"""The leakage experiment in numbers: accuracies of its arms, and their paired differences."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.resampling import mean_by_groups

DIFFERENCES = {
    "random_minus_control": ("random", "control"),  # what fewer images cost
    "control_minus_without_copies": ("control", "without_copies"),  # what copies of test images are worth
}


def summarise(scored: pd.DataFrame, groups: NDArray, copied: NDArray[np.bool_]) -> dict[str, Any]:
    """Accuracy of every arm and the differences between arms, on all test images and on those with copies alone.

    `scored` has repeat, arm, row and right (0 or 1), every arm on the same rows of a repeat; `groups` a name for each
    row of the data set; `copied` says of the rows of `scored` in one arm, in their order, whether `random` holds a
    copy. Differences are paired by image, and their intervals resample groups.
    """
    right = scored.pivot(index=["repeat", "row"], columns="arm", values="right")
    group = groups[right.index.get_level_values("row")]
    copied = pd.Series(copied, index=_keys(scored)).loc[right.index].to_numpy()
    return {
        "test_images": len(right),
        "distinct_images": right.index.get_level_values("row").nunique(),
        "groups": len(np.unique(group)),
        "all": _arms(right, group),
        "with_copies": _arms(right[copied], group[copied]) | {"test_images": int(copied.sum())},
    }


def _keys(scored: pd.DataFrame) -> pd.MultiIndex:
    of_one_arm = scored[scored["arm"] == scored["arm"].iloc[0]]
    return pd.MultiIndex.from_frame(of_one_arm[["repeat", "row"]])


def _arms(right: pd.DataFrame, group: NDArray) -> dict[str, Any]:
    if right.empty:
        return {"accuracy": None, "differences": None}
    return {
        "accuracy": {arm: asdict(mean_by_groups(right[arm].to_numpy(float), group)) for arm in right.columns},
        "differences": {
            name: asdict(mean_by_groups((right[more] - right[less]).to_numpy(float), group))
            for name, (more, less) in DIFFERENCES.items()
        },
    }
