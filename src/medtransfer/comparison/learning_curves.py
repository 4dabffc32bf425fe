"""Accuracy against the number of training images, what pretraining adds at each number, and how many it saves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.contrasts import CONTRASTS, Contrast, RecipePair, pairs_by_architecture
from medtransfer.comparison.images_needed import Needed, curves_that_rise, images_needed
from medtransfer.evaluation.resampling import RESAMPLES, Interval, draw_groups, percentile_interval
from medtransfer.settings.recipes import Recipe

FROM_SCRATCH = Contrast(
    "Pretrained against trained from scratch",
    "pretrained",
    "trained from scratch",
    lambda a, b: a.backbone.weights is not None and b.backbone.weights is None and not b.backbone.frozen,
    frozenset({"backbone.weights", "backbone.initialisation", "backbone.trainable"}),
)


@dataclass(frozen=True)
class Fraction:
    """What is trained on one fraction of each fold's rows, the same for all models."""

    fraction: float
    images: int  # trained on, mean over folds and draws
    groups: int


@dataclass(frozen=True)
class Point:
    """A model at one fraction."""

    accuracy: float  # of the folds' mean probability, mean over draws
    interval: tuple[float, float] | None  # 95 %; None where no resample differs
    draws: list[float]  # the accuracy of each


@dataclass(frozen=True)
class Difference:
    """Of two models at one fraction, in accuracy."""

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class PairOfCurves:
    """A pretrained model `a`, and the one of its architecture that starts from random weights: `b`."""

    models: RecipePair
    scratch: bool  # b is trained from scratch; else its random weights are frozen
    differences: list[Difference]  # a - b, a fraction each
    needed: list[Needed]  # images with which b is as accurate as a, a fraction each


@dataclass(frozen=True)
class LearningCurves:
    """Of all models; without fractions, nothing."""

    fractions: list[Fraction] = field(default_factory=list)
    models: dict[str, list[Point]] = field(default_factory=dict)  # a point for each fraction
    pairs: list[PairOfCurves] = field(default_factory=list)
    images: int = 0  # of the test set
    groups: int = 0


@dataclass(frozen=True)
class OnFractions:
    """Which of M test images each model gets right, by fraction: draws x M, bool. All models have the same draws."""

    fractions: Sequence[Fraction]
    right: Mapping[str, Sequence[NDArray[np.bool_]]]
    groups: NDArray  # M: the group of each test image


def compare_learning_curves(tested: OnFractions, recipes: Mapping[str, Recipe], seed: int = 0) -> LearningCurves:
    """Curves, and of each pretrained model the differences and the images that it saves.

    Intervals are percentiles of resamples that draw groups of test images and draws of the subsets, the same for all
    models and fractions. They do not cover another training on the same images.
    """
    if not tested.fractions:
        return LearningCurves()
    resampled = resampled_accuracy(tested, seed)
    values = {name: np.array([each.mean() for each in right]) for name, right in tested.right.items()}
    points = {
        name: [
            Point(value, _ends(value, column), [float(one) for one in right.mean(axis=1)])
            for value, column, right in zip(values[name].tolist(), resampled[name].T, tested.right[name], strict=True)
        ]
        for name in tested.right
    }
    pairs = _pairs(recipes, tested, values, resampled)
    return LearningCurves(list(tested.fractions), points, pairs, len(tested.groups), len(np.unique(tested.groups)))


def resampled_accuracy(tested: OnFractions, seed: int = 0) -> dict[str, NDArray[np.float64]]:
    """For each model, its accuracy at each fraction in B resamples: B x fractions.

    Of D draws D - 1 are drawn with replacement, so that the variance of their mean is not too small for few of them
    (McCarthy and Snowden 1985); a draw has the same weight at every fraction that has it.
    """
    groups = draw_groups(tested.groups, seed=seed)
    sizes = groups.sums(np.ones(len(tested.groups)))[:, None]
    most = max(len(each) for right in tested.right.values() for each in right)
    weights = np.random.default_rng([seed, 1]).multinomial(max(most - 1, 1), np.full(most, 1 / most), RESAMPLES)
    weights = weights / weights.sum(axis=1, keepdims=True)
    accuracy = {}
    for name, right in tested.right.items():
        of_draws = [groups.sums(each.T.astype(float)) / sizes for each in right]  # B x draws, by fraction
        columns = [(each * weights).sum(axis=1) if each.shape[1] == most else each.mean(axis=1) for each in of_draws]
        accuracy[name] = np.stack(columns, axis=1)
    return accuracy


def pretrained_pairs(recipes: Mapping[str, Recipe]) -> list[tuple[RecipePair, bool]]:
    """Each pretrained model, the most similar one of its architecture from scratch, and True; else a random frozen one.

    Models without either are left out.
    """
    scratch = {pair.a: pair for pair in pairs_by_architecture(recipes, FROM_SCRATCH)}
    random = {pair.a: pair for pair in pairs_by_architecture(recipes, CONTRASTS["pretrained"])}
    return [(scratch.get(name, pair), name in scratch) for name, pair in random.items()]


def _pairs(
    recipes: Mapping[str, Recipe],
    tested: OnFractions,
    values: Mapping[str, NDArray[np.floating]],
    resampled: Mapping[str, NDArray[np.floating]],
) -> list[PairOfCurves]:
    images = np.array([each.images for each in tested.fractions])
    known = {name: recipe for name, recipe in recipes.items() if name in tested.right}
    curves = []
    for pair, scratch in pretrained_pairs(known):
        draws = [len(each) for each in tested.right[pair.b]]
        value, rising = values[pair.a] - values[pair.b], curves_that_rise(values[pair.b][None], draws)
        spread, all_rising = resampled[pair.a] - resampled[pair.b], curves_that_rise(resampled[pair.b], draws)
        differences = [Difference(float(one), _ends(one, column)) for one, column in zip(value, spread.T, strict=True)]
        needed = [
            images_needed(images, place, (values[pair.a][place], rising[0]), (resampled[pair.a][:, place], all_rising))
            for place in range(len(images))
        ]
        curves.append(PairOfCurves(pair, scratch, differences, needed))
    return curves


def _ends(value: float, resampled: NDArray[np.floating]) -> tuple[float, float] | None:
    interval: Interval = percentile_interval(value, resampled)
    return (interval.low, interval.high) if interval.low < interval.high else None
