"""Which test images are explained: those that figures show, and those whose lesion is outlined."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.settings.resolved import Classes


@dataclass(frozen=True)
class Case:
    """A test image and what was made of it."""

    image: NDArray[np.uint8]  # H x W x C
    mask: NDArray[np.bool_] | None  # H x W
    actual: str
    predicted: str
    probability: float  # of the predicted class
    group: str  # images of a group are alike


@dataclass(frozen=True)
class Wanted:
    """What figures ask for."""

    per_class: int  # right and wrong predictions of every class
    compared: Sequence[str] = ()  # ids of the images that every model is shown on


@dataclass(frozen=True)
class Shown:
    """Numbers of the cases that a figure shows of one class, the most confident first."""

    right: list[int]
    wrong: list[int]


@dataclass(frozen=True)
class Lesions:
    """Of the K cases that are scored: predicted right, with a lesion."""

    numbers: list[int]
    masks: NDArray[np.bool_]  # K x H x W
    groups: list[str]  # K


@dataclass(frozen=True)
class Sample:
    """N test images."""

    cases: list[Case]
    classes: NDArray[np.integer]  # numbers of the predicted classes, which are explained
    shown: dict[str, Shown]  # by actual class
    compared: list[int] = field(default_factory=list)  # numbers of the cases that every model is shown on

    @property
    def images(self) -> NDArray[np.uint8]:
        """N x H x W x C."""
        return np.stack([case.image for case in self.cases])

    @functools.cached_property
    def lesions(self) -> Lesions:
        """Of the cases that are scored."""
        masks = {
            number: case.mask
            for number, case in enumerate(self.cases)
            if case.mask is not None and case.mask.any() and case.actual == case.predicted
        }
        stacked = np.array(list(masks.values()), bool).reshape(len(masks), *self.cases[0].image.shape[:2])
        return Lesions(list(masks), stacked, [self.cases[number].group for number in masks])


def draw_sample(
    predictions: pd.DataFrame,
    classes: Classes,
    images: NDArray[np.uint8],
    held_out: NDArray[np.integer],
    masks: Mapping[str, NDArray[np.bool_]],
    wanted: Wanted,
) -> Sample:
    """The most confident right and wrong predictions of every class, the compared images, and all with a mask.

    `predictions` (see `store.Evaluated`, and `group`) has a row per test image, `images` (M x H x W x C) one per image
    of the set, `held_out` are its rows that are test images; `masks` are by id.
    """
    actual, predicted = classes.codes(predictions["actual"]), classes.codes(predictions["predicted"])
    confidence = predictions[classes.names].to_numpy().max(axis=1)
    shown = choose(actual, predicted, confidence, wanted.per_class)
    compared = pd.Index(predictions["id"]).get_indexer(pd.Index(wanted.compared)).tolist()
    outlined = [row for row, id in enumerate(predictions["id"]) if id in masks]
    rows = np.unique(np.concatenate([*shown.values(), compared, outlined]).astype(int))
    number = {row: place for place, row in enumerate(rows.tolist())}
    no_rows = np.zeros(0, int)

    def numbers(label: int, right: bool) -> list[int]:
        return [number[row] for row in shown.get((label, right), no_rows).tolist()]

    cases = [
        Case(
            image,
            masks.get(predictions["id"][row]),
            classes.names[actual[row]],
            classes.names[predicted[row]],
            float(confidence[row]),
            str(predictions["group"][row]),
        )
        for row, image in zip(rows, images[held_out[rows]], strict=True)
    ]
    by_class = {name: Shown(numbers(label, True), numbers(label, False)) for label, name in enumerate(classes.names)}
    return Sample(cases, predicted[rows], by_class, [number[row] for row in compared])


def choose(
    actual: NDArray[np.integer], predicted: NDArray[np.integer], confidence: NDArray[np.floating], count: int
) -> dict[tuple[int, bool], NDArray[np.intp]]:
    """Rows to show for every (class, whether right): the `count` most confident ones, at most."""
    order = np.argsort(-confidence, kind="stable")
    chosen = {}
    for label in np.unique(actual):
        for right in (True, False):
            rows = order[(actual[order] == label) & ((predicted[order] == label) == right)]
            chosen[int(label), right] = rows[:count]
    return chosen
