"""One more network, trained on all development rows: what it is, and for how many epochs it is trained.

No row is left to validate on. So nothing that looks at validation rows has a part in its training: no epoch is
selected, training is not stopped early, and the learning rate falls on no plateau. Its number of epochs comes from the
folds instead.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import pandas as pd


@dataclass(frozen=True)
class Refit:
    """The result. The networks are those of the folds, with other weights: write theirs before the refit is trained."""

    networks: Mapping[str, keras.Model]  # by kind, as of a fold
    histories: Mapping[str, pd.DataFrame]  # `refit_history`, and of what else is trained: a row per epoch
    epochs: int


def mean_epochs(histories: Sequence[pd.DataFrame], selected: Sequence[int], phases: int) -> tuple[int, ...]:
    """Epochs of each phase, from the folds' histories and the epochs that they keep (from 1, over all phases).

    A phase ends at the mean of the epochs at which it ended in the folds, or at which a fold kept its weights, if that
    was before. Means are rounded, halves up. So the sum over phases is the rounded mean of the kept epochs.
    """
    ends = []
    for phase in range(1, phases + 1):
        numbers = [history.get("phase", pd.Series(1, history.index)) for history in histories]
        reached = [min(int((number <= phase).sum()), kept) for number, kept in zip(numbers, selected, strict=True)]
        ends.append((2 * sum(reached) + len(reached)) // (2 * len(reached)))
    return tuple(end - start for start, end in itertools.pairwise([0, *ends]))
