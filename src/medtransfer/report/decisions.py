"""How a probability becomes a decision: the rule, operating points, predictive values and the decision curve."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.evaluation.decisions import Decisions
from medtransfer.plotting import LINES, PALETTE
from medtransfer.report.estimates import cell, interval_cell

BELOW = 0.25  # of the highest net benefit: how far below 0 the decision curve is drawn
LEAST = 0.05  # of the height of the drawn curve


def rule_in_words(decisions: Decisions) -> str:
    """The rule that all models of a study follow."""
    rule = decisions.rule
    if rule.kind == "argmax":
        return "The class with the largest probability is named."
    return (
        f"“{decisions.condition}” is named where its probability, after scaling, reaches a threshold that is chosen on "
        f"development images: the highest one that finds a share of {rule.stated:g} of new images with it, on average."
    )


def thresholds(all_decisions: Mapping[str, Decisions]) -> pd.DataFrame:
    """A row per model whose rule has a threshold: what development images gave."""
    return pd.DataFrame(
        [
            {
                "model": model,
                "threshold": f"{decisions.rule.threshold:.3f}",
                "sensitivity": cell(decisions.rule.sensitivity, decisions.rule.sensitivity_ends),
                "specificity": cell(decisions.rule.specificity, decisions.rule.specificity_ends),
            }
            for model, decisions in all_decisions.items()
            if decisions.rule.kind == "sensitivity"
        ]
    )


def points(all_decisions: Mapping[str, Decisions]) -> pd.DataFrame:
    """A row per model: the best of one rate where the other is at least a level."""
    rows = []
    for model, decisions in all_decisions.items():
        cells = {
            f"{'sensitivity' if point.fixed == 'specificity' else 'specificity'} at {point.level:.0%} {point.fixed}": (
                interval_cell(point.rate)
            )
            for point in decisions.operating_points
        }
        rows.append({"model": model} | cells)
    return pd.DataFrame(rows)


def predictive_values(all_decisions: Mapping[str, Decisions]) -> pd.DataFrame:
    """A row per model: PPV and NPV at the stated prevalence."""
    return pd.DataFrame(
        [
            {"model": model, "PPV": interval_cell(decisions.ppv), "NPV": interval_cell(decisions.npv)}
            for model, decisions in all_decisions.items()
        ]
    )


def worth_in_words(curve: pd.DataFrame) -> str:
    """At which thresholds the model's net benefit lies above both that of acting on all images and of acting on none.

    `curve` is that of `evaluation.decision_curve`.
    """
    others = curve[["treat_all", "treat_none"]].max(axis=1)
    above, surely = curve["model"] > others, curve["low"] > others
    if not above.any():
        return "At no threshold is the model worth more than acting on every image, or on none."
    text = f"The model is worth more than acting on every image and than acting on none at {_range(curve, above)}"
    if not surely.any():
        return f"{text}; nowhere does its interval lie above both."
    return f"{text}; its interval lies above both at {_range(curve, surely)}."


def _range(curve: pd.DataFrame, rows: "pd.Series[bool]") -> str:
    levels = curve.loc[rows, "threshold"]
    return f"{len(levels)} of {len(curve)} thresholds, between {levels.min():.2f} and {levels.max():.2f}"


def threshold_figure(curve: pd.DataFrame, marked: float | None) -> Figure:
    """Sensitivity and specificity of development images against the threshold; `curve` has these columns."""
    figure, axis = plt.subplots(figsize=(5.2, 3.6))
    for number, rate in enumerate(("sensitivity", "specificity")):
        axis.plot(curve["threshold"], curve[rate], LINES[number], color=PALETTE[number], label=rate)
    if marked is not None:
        axis.axvline(marked, color="0.3", linestyle=LINES[3], label=f"threshold: {marked:.3f}")
    axis.set(xlabel="threshold on the probability", ylabel="share of development images", xlim=(0, 1), ylim=(0, 1.02))
    axis.legend(fontsize=8)
    return figure


def decision_figure(curve: pd.DataFrame) -> Figure:
    """Net benefit of the model with its band, of acting on every image, and on none."""
    figure, axis = plt.subplots(figsize=(5.2, 3.6))
    axis.fill_between(curve["threshold"], curve["low"], curve["high"], color=PALETTE[0], alpha=0.2, lw=0)
    axis.plot(curve["threshold"], curve["model"], LINES[0], color=PALETTE[0], label="act on the model")
    axis.plot(curve["threshold"], curve["treat_all"], LINES[1], color=PALETTE[1], label="act on every image")
    axis.plot(curve["threshold"], curve["treat_none"], LINES[3], color="0.3", label="act on no image")
    highest = max(float(np.nanmax(curve[["high", "treat_all"]].to_numpy())), LEAST)
    axis.set(xlabel="threshold probability", ylabel="net benefit\n(true positives per image)", xlim=(0, 1))
    axis.set_ylim(-BELOW * highest, 1.05 * highest)
    axis.legend(fontsize=8)
    return figure
