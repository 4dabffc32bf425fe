"""The held-out images that models are compared on: the same for all, and how far they are independent."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError

Codes = NDArray[np.integer]


@dataclass(frozen=True)
class HeldOut:
    """What one model says of N held-out images; refuses numbers that are not finite."""

    ids: NDArray  # N
    actual: Codes  # N: class numbers, 0..K-1
    predicted: Codes  # N
    probabilities: NDArray[np.floating]  # N x K

    def __post_init__(self) -> None:
        if not np.isfinite(self.probabilities).all():
            raise UserError("A model's probabilities of the held-out images are not all numbers; train it again.")

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each prediction is right: N."""
        return self.predicted == self.actual


def refuse_other_rows(models: Mapping[str, HeldOut]) -> None:
    """UserError unless all models say something of the same images, in the same order, with the same labels."""
    (first, reference), *others = models.items()
    for name, model in others:
        if not np.array_equal(model.ids, reference.ids):
            what = "are scored on different held-out images"
        elif not np.array_equal(model.actual, reference.actual):
            what = "are scored against different labels of the held-out images"
        else:
            continue
        raise UserError(f"The models {first} and {name} {what}; run `dvc repro evaluate` for both, then compare again.")


def independence(groups: NDArray) -> str:
    """A sentence on what a test of independent images may claim on these; `groups` names the group of each: N."""
    images, distinct = len(groups), len(np.unique(groups))
    if images == distinct:
        return f"It assumes that images are independent. Each of the {images} images is a group of its own."
    return (
        f"It assumes that images are independent, but {images} images are of {distinct} groups whose images are "
        "alike: p is too small and the interval too narrow. The bootstrap over groups is the one to read."
    )
