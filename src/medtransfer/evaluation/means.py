"""What is reported of scores per class: each class, their means, and the number that leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.metrics import METRICS

Values = dict[str, NDArray[np.float64]]  # by metric


@dataclass(frozen=True)
class Parts:
    """Arrays of one shape: of resamples, or single numbers."""

    leading: Values  # of every metric; of one per class, the positive class's or else the mean over classes
    macro: Values  # of metrics per class: the mean over classes
    weighted: Values  # the mean over classes, each weighed by its number of images
    per_class: list[Values]


def parts(values: Mapping[str, NDArray], images: NDArray, positive: int | None) -> Parts:
    """Of `values` by metric (... or, of one per class, ... x K); `images` counts those of each class (... x K)."""
    by_class = {key: value for key, value in values.items() if METRICS[key].per_class}
    shares = images / images.sum(axis=-1, keepdims=True)
    macro = {key: value.mean(axis=-1) for key, value in by_class.items()}
    weighted = {key: (value * shares).sum(axis=-1) for key, value in by_class.items()}
    per_class = [{key: value[..., code] for key, value in by_class.items()} for code in range(images.shape[-1])]
    leading = macro if positive is None else per_class[positive]
    return Parts({**values, **leading}, macro, weighted, per_class)


def mean(each: Sequence[Parts]) -> Parts:
    """Of several models: the mean of each of their scores."""
    first, of_classes = each[0], range(len(each[0].per_class))
    return Parts(
        {key: np.mean([one.leading[key] for one in each], axis=0) for key in first.leading},
        {key: np.mean([one.macro[key] for one in each], axis=0) for key in first.macro},
        {key: np.mean([one.weighted[key] for one in each], axis=0) for key in first.weighted},
        [
            {key: np.mean([one.per_class[code][key] for one in each], axis=0) for key in first.macro}
            for code in of_classes
        ],
    )
