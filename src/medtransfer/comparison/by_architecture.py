"""Is a model better for being pretrained, or fine-tuned: the difference in each architecture, and their mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.contrasts import CONTRASTS, Contrast, RecipePair, pairs_by_architecture
from medtransfer.comparison.effects import AccuracyDifference, accuracy_difference
from medtransfer.comparison.families import holm
from medtransfer.comparison.mcnemar import mid_p_by_groups
from medtransfer.evaluation.resampling import Interval, mean_by_groups
from medtransfer.settings.recipes import Recipe


@dataclass(frozen=True)
class PairedModels:
    """Two models of one architecture on the same held-out images."""

    models: RecipePair
    right: tuple[float, float]  # accuracy of each
    accuracy: AccuracyDifference
    holm_p: float | None  # for the family of the contrast's pairs


@dataclass(frozen=True)
class MeanDifference:
    """The mean over pairs of the difference in accuracy, on the same images; what it would be on others like them."""

    value: float
    interval: tuple[float, float] | None  # 95 %, by the bootstrap over groups; None where no group differs
    p: float  # two-sided


@dataclass(frozen=True)
class ByArchitecture:
    """What the held-out images say of one contrast."""

    contrast: str  # a key of CONTRASTS
    pairs: list[PairedModels]
    mean: MeanDifference | None  # None of one pair


def compare_by_architecture(
    recipes: Mapping[str, Recipe],
    right: Mapping[str, NDArray[np.bool_]],
    groups: NDArray,
    contrasts: Mapping[str, Contrast] = CONTRASTS,
) -> list[ByArchitecture]:
    """Every contrast that two recipes or more allow; `right` says which of N images each model gets right.

    `groups` names the group of each image.
    """
    pairs_by_contrast = {key: pairs_by_architecture(recipes, contrast) for key, contrast in contrasts.items()}
    return [_contrast(key, pairs, right, groups) for key, pairs in pairs_by_contrast.items() if pairs]


def _contrast(
    key: str, pairs: list[RecipePair], right: Mapping[str, NDArray[np.bool_]], groups: NDArray
) -> ByArchitecture:
    each = [accuracy_difference(right[pair.a], right[pair.b], groups) for pair in pairs]
    compared = [
        PairedModels(pair, (float(right[pair.a].mean()), float(right[pair.b].mean())), accuracy, p)
        for pair, accuracy, p in zip(pairs, each, holm([one.p for one in each]), strict=True)
    ]
    a = np.sum([right[pair.a] for pair in pairs], axis=0)
    b = np.sum([right[pair.b] for pair in pairs], axis=0)
    return ByArchitecture(key, compared, mean_difference(a, b, len(pairs), groups) if len(pairs) > 1 else None)


def mean_difference(
    a: NDArray[np.integer], b: NDArray[np.integer], pairs: int, groups: NDArray, seed: int = 0
) -> MeanDifference:
    """Of `pairs` pairs of models; a and b say how many of the first and of the second models get each image right (N).

    Pairs share their images, so the images' groups are drawn once for all of them. p is of the randomisation test that
    swaps the two sides of all pairs at once in a group (`mid_p_by_groups`).
    """
    difference: NDArray = (a - b) / pairs
    _, code = np.unique(groups, return_inverse=True)
    differs = np.bincount(code, weights=a - b).any()
    mean: Interval = mean_by_groups(difference, groups, seed)
    return MeanDifference(mean.value, (mean.low, mean.high) if differs else None, mid_p_by_groups(a, b, groups))
