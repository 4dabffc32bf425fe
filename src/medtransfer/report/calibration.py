"""Calibration as a table, a figure and sentences: how far probabilities agree with what is right."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.plotting import LINES, MARKERS, PALETTE
from medtransfer.report.estimates import cell
from medtransfer.report.numbers import UNDEFINED
from medtransfer.report.sentences import one_or_each

SHOWN = {"loss": "log loss", "brier": "Brier score", "calibration_error": "calibration error"}
VISIBLE = 0.0005  # what is seen in a table of three digits
TESTED = {
    "mean": "The tested model is the mean of the folds' probabilities, which is less sure of itself than a network of "
    "a single fold: a temperature that suits single folds can then make it too unsure.",
    "folds": "These scores are of the mean of the folds' probabilities, which is less sure of itself than a network of "
    "a single fold: a temperature that suits single folds can then make it too unsure.",
    "refit": "The tested model is another one, trained on all development images; that the same temperature suits it "
    "is an assumption.",
}


def table(all_decisions: Mapping[str, Decisions]) -> pd.DataFrame:
    """A row per model: scores of its probabilities as they are, and at its temperature."""
    rows = []
    for model, decisions in all_decisions.items():
        scaled = not decisions.unfitted
        row: dict[str, object] = {"model": model}
        row["temperature"] = f"{decisions.temperature:.2f}" if scaled else "not fitted"
        for key, title in SHOWN.items():
            row[title] = cell(decisions.before[key], decisions.before_ends.get(key))
            after = cell(decisions.after[key], decisions.after_ends.get(key))
            row[f"{title}, scaled"] = after if scaled else UNDEFINED
        rows.append(row)
    return pd.DataFrame(rows)


def in_words(tested: str, development: Development, all_decisions: Mapping[str, Decisions]) -> list[str]:
    """What scaling is, what it did to each model on the test set, and of which models no temperature is fitted."""
    images = development.temperature.images
    what = (
        "A temperature divides the logits of a model: above 1 it makes large probabilities smaller, and the class with "
        "the largest one stays the same. It is fitted, by log loss, on what the network of each fold says of the "
        f"development images that it left out ({images} in all). Decisions and prediction sets read probabilities "
        "after scaling; all other scores of this page are without it."
    )
    return [f"{what} {TESTED[tested]}", *_effects(all_decisions), *_unfitted(all_decisions)]


def _effects(all_decisions: Mapping[str, Decisions]) -> list[str]:
    """Which scores of which models are larger and smaller after scaling."""
    told, worse = [], False
    for key in ("calibration_error", "loss"):
        change = {
            model: decisions.after[key] - decisions.before[key]
            for model, decisions in all_decisions.items()
            if not decisions.unfitted
        }
        larger = [model for model, difference in change.items() if difference > VISIBLE]
        smaller = [model for model, difference in change.items() if difference < -VISIBLE]
        ways = [
            f"{way} for {', '.join(models)}" for way, models in (("larger", larger), ("smaller", smaller)) if models
        ]
        if ways:
            told.append(f"the {SHOWN[key]} is {' and '.join(ways)}")
        worse |= bool(larger)
    if not told:
        return []
    warning = " Where it is larger, scaling has made the probabilities of these images worse." if worse else ""
    return [f"On the test set, after scaling, {'; '.join(told)}.{warning} These differences have no interval."]


def _unfitted(all_decisions: Mapping[str, Decisions]) -> list[str]:
    reasons = {
        model: f"no temperature is fitted; {each.unfitted}" for model, each in all_decisions.items() if each.unfitted
    }
    return list(one_or_each(reasons, len(all_decisions)))


def reliability_figure(bins: pd.DataFrame, title: str) -> Figure:
    """Accuracy against confidence with 95 % intervals, and below it the images of each bin.

    `bins` are those of `evaluation.calibration.reliability`, of one scaling.
    """
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(4.4, 5.2), sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    upper.plot([0, 1], [0, 1], LINES[1], color="0.5", label="confidence = accuracy")
    accuracy = bins["accuracy"]
    errors = np.clip([accuracy - bins["low"], bins["high"] - accuracy], 0, None)
    upper.errorbar(
        bins["confidence"], accuracy, errors, fmt=MARKERS[0], color=PALETTE[0], elinewidth=1, label="bin, 95 % interval"
    )
    upper.set(ylabel="accuracy (share)", xlim=(0, 1.02), ylim=(-0.02, 1.02), title=title)
    upper.legend(fontsize=8, loc="upper left")
    middle, width = (bins["above"] + bins["up_to"]) / 2, bins["up_to"] - bins["above"]
    bars = lower.bar(middle, bins["images"], 0.9 * width, color=PALETTE[5])
    lower.bar_label(bars, fontsize=7)
    lower.margins(y=0.2)
    lower.set(xlabel="confidence: probability of the predicted class", ylabel="images")
    return figure


def bins_in_words(bins: pd.DataFrame) -> str:
    """Confidence, accuracy and images of each bin."""
    return "; ".join(
        f"{row.confidence:.2f}: {row.accuracy:.2f} of {row.images}" for row in bins.itertuples(index=False)
    )
