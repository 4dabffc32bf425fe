"""One data set split by every strategy that it allows, and what each of them lets leak."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.split.audit import Leakage, audit, closest_apart, copies_in_development, torn, worst_copies
from medtransfer.data.split.pictures import Copies, conflicting, group_names
from medtransfer.data.split.split import split
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Split

STRATEGIES = ("grouped", "random", "shipped")


@dataclass(frozen=True)
class Splitting:
    """All that a split follows from."""

    index: pd.DataFrame  # of the prepared images
    pairs: pd.DataFrame  # of `find_copies`
    shared: Copies
    choice: Split
    seed: int

    @cached_property
    def conflicts(self) -> NDArray[np.bool_]:
        """Images whose picture has two labels (N)."""
        return conflicting(self.index["label"], self.shared)

    def table(self, strategy: str) -> pd.DataFrame:
        """The split by one strategy, with the kind of copy that each test image has in development."""
        choice = self.choice.model_copy(update={"strategy": strategy})
        dropped = self.conflicts if choice.conflicting_labels == "drop" else None
        group = group_names(self.index["id"], self.shared)
        table = split(self.index, group, choice, self.seed, dropped, self.shared.picture)
        return table.assign(copy=copies_in_development(table["partition"].to_numpy(), self.shared))


@dataclass(frozen=True)
class Audit:
    """What every strategy lets leak."""

    leakage: dict[str, Leakage]
    pairs: dict[str, pd.DataFrame]  # by a title: the worst pairs that a strategy tears apart
    impossible: dict[str, str]  # by strategy: why this set cannot be split so


def audit_strategies(splitting: Splitting) -> Audit:
    """Try every strategy; `shipped` is left out where the set has no parts of its own."""
    labels, shared, pairs = splitting.index["label"].to_numpy(), splitting.shared, splitting.pairs
    result = Audit({}, {}, {})
    if splitting.conflicts.any():
        two_labels = pairs[labels[pairs["first"]] != labels[pairs["second"]]]
        result.pairs["one picture under two labels, whatever the split"] = worst_copies(two_labels, labels, shared)
    for strategy in STRATEGIES:
        if strategy == "shipped" and (splitting.index["shipped"] == "").all():
            continue
        try:
            partition = splitting.table(strategy)["partition"].to_numpy()
        except UserError as error:
            result.impossible[strategy] = str(error)
            continue
        result.leakage[strategy] = audit(partition, shared)
        between = torn(partition, pairs)
        worst, title = worst_copies(between, labels, shared), strategy
        if worst.empty:
            worst = closest_apart(between, labels, shared)
            title = f"{strategy}: no copy on both sides; the most alike pairs"
        result.pairs[title] = worst
    return result
