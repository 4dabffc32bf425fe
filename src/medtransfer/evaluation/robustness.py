"""Accuracy on perturbed test images, and its drop, paired image by image."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.evaluation.resampling import mean_by_groups
from medtransfer.store.interval import Interval
from medtransfer.store.robustness_records import Estimate, Perturbed


def unperturbed(right: NDArray[np.bool_], groups: NDArray) -> Estimate:
    """The accuracy on the N images as they are."""
    return _estimate(accuracy(right, groups))


def summarise(
    plain: NDArray[np.bool_], right: Mapping[tuple[str, float], NDArray[np.bool_]], groups: NDArray
) -> list[Perturbed]:
    """Of every variant (a perturbation's key and strength): which of N images are right, against `plain`.

    The drop is positive where accuracy falls. Its interval is the bootstrap of groups; from 0 to 0 where every image
    stays as right or wrong as it was.
    """
    return [
        Perturbed(
            key,
            strength,
            _estimate(accuracy(of_variant, groups)),
            _estimate(mean_by_groups(plain.astype(int) - of_variant.astype(int), groups)),
        )
        for (key, strength), of_variant in right.items()
    ]


def _estimate(interval: Interval) -> Estimate:
    return Estimate(interval.value, interval.low, interval.high)
