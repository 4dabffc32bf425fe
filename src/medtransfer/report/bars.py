"""Test scores of all models as bars with intervals."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from medtransfer.evaluation.metrics import shown_in
from medtransfer.plotting import PALETTE
from medtransfer.report.estimates import bounds_of, ends
from medtransfer.store.records import Evaluation

SHOWN = shown_in("architectures")
SHARES = {key: metric for key, metric in SHOWN.items() if metric.higher_is_better and not metric.unit}


def bars_of_scores(evaluations: Mapping[str, Evaluation]) -> Figure:
    """A panel per score that is a share and better when higher, a bar per model with its 95 % interval."""
    names = list(evaluations)
    size = 0.5 + 0.08 * max(map(len, names)) + 1.55 * len(SHARES), 0.9 + 0.34 * len(names)
    figure, axes = plt.subplots(1, len(SHARES), figsize=size, sharex=True, sharey=True, squeeze=False)
    for axis, (key, metric) in zip(axes[0], SHARES.items(), strict=True):
        for place, evaluation in enumerate(evaluations.values()):
            value, bounds = evaluation.test.values[key], bounds_of(evaluation.test, key)
            axis.barh(place, value, height=0.7, color=PALETTE[5])
            if bounds is not None:
                axis.plot(bounds[:2], (place, place), color=PALETTE[6], linewidth=1.6, solid_capstyle="butt")
        axis.set(title=metric.title, xlim=(0, 1), xlabel="share")
        axis.grid(visible=False, axis="y")
    axes[0][0].set_yticks(range(len(names)), names)
    axes[0][0].invert_yaxis()
    return figure


def in_words(evaluations: Mapping[str, Evaluation]) -> str:
    """Every bar's value and interval."""
    entries = []
    for name, evaluation in evaluations.items():
        scores = []
        for key, metric in SHARES.items():
            bounds = bounds_of(evaluation.test, key)
            interval = f" ({ends(*bounds[:2])})" if bounds is not None else ""
            scores.append(f"{metric.title} {evaluation.test.values[key]:.3f}{interval}")
        entries.append(f"{name}: {', '.join(scores)}")
    return "; ".join(entries)
