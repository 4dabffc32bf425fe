"""Nested subsets of a fold's training rows, for curves of accuracy against the number of training images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.params import Params
from medtransfer.store.partitions import rows as rows_of_fold

HALF = 0.5  # subsets of less than this share are drawn several times
ALL = (1.0, 0)  # the fraction and draw of all rows, on which `train` trains
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Subset:
    """Some of a fold's training rows."""

    fraction: float
    draw: int  # from 0
    fold: int
    rows: Rows


def draws_of(fraction: float, draws: int) -> int:
    """How many subsets of a fraction are drawn: small ones differ more from draw to draw."""
    return draws if fraction < HALF else 1


def all_subsets(params: Params, split: pd.DataFrame) -> list[Subset]:
    """The fractions of the training rows of each fold of the first repeat, and all rows of it."""
    labels, groups, study = split["label"].to_numpy(), split["group"].to_numpy(), params.study
    folds = [rows_of_fold(split, fold)[0] for fold in range(params.split.folds)]
    return [
        subset
        for fold, train in enumerate(folds)
        for subset in subsets_of_fold(train, labels, groups, study.fractions, study.draws, (params.seed, fold))
    ]


def smaller_subsets(params: Params, split: pd.DataFrame) -> list[Subset]:
    """Those that are trained on for the learning curve alone."""
    return [subset for subset in all_subsets(params, split) if (subset.fraction, subset.draw) != ALL]


def subsets_of_fold(
    rows: Rows, labels: NDArray, groups: NDArray, fractions: Sequence[float], draws: int, seed: tuple[int, int]
) -> Iterator[Subset]:
    """Every subset of one fold's training rows; `labels` and `groups` are of all N images, `seed` is (seed, fold)."""
    for draw in range(draws):
        drawn = [fraction for fraction in fractions if draw < draws_of(fraction, draws)]
        taken = nested(labels[rows], groups[rows], drawn, (*seed, draw))
        yield from (Subset(fraction, draw, seed[1], rows[each]) for fraction, each in zip(drawn, taken, strict=True))


def nested(
    labels: NDArray, groups: NDArray, fractions: Sequence[float], seed: Sequence[int]
) -> list[NDArray[np.bool_]]:
    """For each of the growing fractions, which of N images are in it (N): all of the fraction before, and more.

    Groups are whole. They are looked at in one random order, and one is taken where it brings the classes nearer to
    their share of the fraction, each class weighed by its size. So a class is at most half a group from its share,
    unless groups have several labels. A class that has no group then gets its smallest one.
    """
    _, label_codes = np.unique(labels, return_inverse=True)
    _, group_codes = np.unique(groups, return_inverse=True)
    counts = np.zeros((group_codes.max() + 1, label_codes.max() + 1))  # groups x classes
    np.add.at(counts, (group_codes, label_codes), 1)
    shares = counts / counts.sum(axis=0)
    order = np.random.default_rng(seed).permutation(len(counts))
    inside, reached = np.zeros(len(counts), bool), np.zeros(shares.shape[1])
    masks = []
    for fraction in fractions:
        for group in order[~inside[order]]:
            gained = reached + shares[group]
            if np.abs(gained - fraction).sum() <= np.abs(reached - fraction).sum():
                inside[group], reached = True, gained
        for label in range(shares.shape[1]):
            if not counts[inside, label].any():
                having = order[counts[order, label] > 0]
                group = having[np.argmin(counts[having].sum(axis=1))]
                inside[group], reached = True, reached + shares[group]
        if fraction == 1:
            inside[:] = True
        masks.append(inside[group_codes])
    return masks
