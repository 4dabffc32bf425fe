"""Robustness as a table, a figure and sentences."""

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.evaluation import perturbations
from medtransfer.evaluation.perturbations import PERTURBATIONS
from medtransfer.plotting import LINES, MARKERS, PALETTE
from medtransfer.store.robustness_records import Estimate, Perturbed, Robustness

LEVELS = ("none", "mild", "medium", "strong")
APART = 0.09  # of the lines of two perturbations, so that their intervals can be seen


def table(robustness: Robustness) -> pd.DataFrame:
    """A row for each perturbation and strength."""
    return pd.DataFrame(
        [
            {
                "perturbation": _named(row),
                "accuracy": f"{row.accuracy.value:.3f}",
                "95 % interval": _ends(row.accuracy),
                "drop": f"{row.drop.value:+.3f}",
                "interval of the drop": _ends(row.drop, "+.3f"),
            }
            for row in robustness.perturbed
        ]
    )


def figure(robustness: Robustness) -> Figure:
    """Accuracy against strength, a line per perturbation, with intervals; its table says what the strengths are."""
    drawn, axis = plt.subplots(figsize=(5.6, 3.8))
    by_kind = of_each(robustness)
    for number, (key, rows) in enumerate(by_kind):
        estimates = [robustness.plain, *(row.accuracy for row in rows)]
        places = np.arange(len(estimates)) + (number - (len(by_kind) - 1) / 2) * APART
        values = np.array([[each.value, each.low, each.high] for each in estimates]).T
        errors = np.clip([values[0] - values[1], values[2] - values[0]], 0, None)
        style = MARKERS[number % len(MARKERS)] + LINES[number % len(LINES)]
        label, colour = PERTURBATIONS[key].title, PALETTE[number % len(PALETTE)]
        axis.errorbar(places, values[0], errors, fmt=style, color=colour, label=label, elinewidth=1, markersize=5)
    axis.set_xticks(range(len(LEVELS)), LEVELS)
    axis.set(xlabel="strength of the perturbation", ylabel="accuracy (share)", ylim=(0, 1.03))
    axis.legend(fontsize=8, loc="lower left")
    return drawn


def of_each(robustness: Robustness) -> list[tuple[str, list[Perturbed]]]:
    """The rows of each perturbation, by its key, from mild to strong."""
    return [(key, list(rows)) for key, rows in itertools.groupby(robustness.perturbed, lambda row: row.perturbation)]


def in_words(robustness: Robustness) -> str:
    """How far accuracy falls, and where that is more than the interval of the drop."""
    plain = robustness.plain
    which = (
        "one network, trained on all development images" if robustness.refit else "the mean probability of its folds"
    )
    text = (
        f"On the {robustness.images} held-out images of {robustness.groups} groups as they are, {robustness.model} "
        f"({which}) has an accuracy of {plain.value:.3f} (95 % interval {_ends(plain)}). "
    )
    worst = max(robustness.perturbed, key=lambda row: row.drop.value)
    if worst.drop.value <= 0:
        return f"{text}It falls under none of {len(robustness.perturbed)} perturbed versions."
    falls = [row for row in robustness.perturbed if row.drop.low > 0]
    return (
        f"{text}The largest drop is {worst.drop.value:.3f} ({_ends(worst.drop)}), under "
        f"{_named(worst)}. The interval of the drop lies above 0 "
        f"{_falls_in_words(falls, len(robustness.perturbed))}"
    )


def _falls_in_words(falls: Sequence[Perturbed], all_rows: int) -> str:
    if not falls:
        return f"in none of {all_rows} perturbed versions."
    return f"in {len(falls)} of {all_rows} perturbed versions: {'; '.join(map(_named, falls))}."


def _named(row: Perturbed) -> str:
    return perturbations.in_words((row.perturbation, row.strength))


def seeds_in_words(robustness: Robustness) -> str:
    """The spread over seeds, or why it is not measured."""
    seeds = robustness.seeds
    if seeds is None:
        return f"Spread over seeds: not measured; {robustness.seeds_left_out}."
    own = "" if robustness.refit else f"; with the study's own seed {robustness.plain.value:.3f}"
    each = ", ".join(f"{value:.3f}" for value in seeds.accuracies)
    return (
        f"Spread over seeds: the head trained again with {len(seeds.accuracies)} other seeds, on the same features and "
        f"folds, has test accuracies, of the mean of the folds, of {each}: mean {seeds.mean:.3f}, standard deviation "
        f"{seeds.standard_deviation:.3f}{own}. This is the spread of initial weights, dropout and the order of the "
        "images, not of other images or another split."
    )


def _ends(estimate: Estimate, form: str = ".3f") -> str:
    return f"{estimate.low:{form}} to {estimate.high:{form}}"
