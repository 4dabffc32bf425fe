"""A paper's accuracies beside ours, on all of its data sets: a table and a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from medtransfer.plotting import PALETTE
from medtransfer.report.blocks import with_detail
from medtransfer.report.estimates import bounds_of, ends
from medtransfer.report.numbers import UNDEFINED
from medtransfer.report.papers import NOT_RUN, Measured
from medtransfer.settings.reported import Reported

SCORE = "accuracy"  # what papers print of every model
Printed = Mapping[str, Mapping[str, Sequence[float]]]  # by data set and model


@dataclass(frozen=True)
class OfDataset:
    """What there is of one of the paper's data sets."""

    study: str
    measured: Measured  # without any evaluation where it has not been run
    images: dict[str, str] | None  # of `paper_tables.our_images`


def printed_scores(paper: Reported, dataset: str) -> dict[str, list[float]]:
    """By model, the test accuracies that the paper prints of a data set."""
    name, scores = paper.same_images.get(dataset, dataset), dict[str, list[float]]()
    for result in paper.results:
        whole = result.part == "test" and not (result.label or result.fold or result.statistic)
        if result.dataset == name and whole and SCORE in result.metrics:
            scores.setdefault(result.model, []).append(result.metrics[SCORE])
    return scores


def together(printed: Printed, datasets: Mapping[str, OfDataset]) -> pd.DataFrame:
    """A row per model, a column per data set: ours, and in small type the paper's."""
    models = dict.fromkeys(model for scores_of in printed.values() for model in scores_of)
    rows = [
        {"model": model} | {name: _cell(printed[name], datasets[name], model) for name in datasets} for model in models
    ]
    return pd.DataFrame(rows)


def _cell(printed: Mapping[str, Sequence[float]], ours: OfDataset, model: str) -> Markup:
    if model not in printed:
        return with_detail(UNDEFINED, "")
    theirs = f"paper: {', '.join(f'{value:.3f}' for value in printed[model])}"
    return with_detail(_ours(ours, model) or NOT_RUN, theirs)


def _ours(ours: OfDataset, model: str) -> str:
    """The accuracy and its interval; empty where the model has not been run."""
    if (evaluation := ours.measured.evaluations.get(model)) is None:
        return ""
    bounds = bounds_of(evaluation.test, SCORE)
    return f"{evaluation.test.values[SCORE]:.3f}" + (f" ({ends(*bounds[:2])})" if bounds else "")


def dots(printed: Printed, datasets: Mapping[str, OfDataset]) -> Figure:
    """A panel per data set, a row per model: the paper's accuracies as diamonds, ours as a dot with its interval."""
    rows = max(len(of_models) for of_models in printed.values())
    size = 9.2, (0.7 + 0.42 * rows) * len(printed) + 0.5
    figure, axes = plt.subplots(len(printed), 1, figsize=size, sharex=True, squeeze=False)
    for axis, (dataset, of_models) in zip(axes[:, 0], printed.items(), strict=True):
        for place, (model, values) in enumerate(of_models.items()):
            axis.plot(values, [place] * len(values), "D", color=PALETTE[1], markerfacecolor="white", label="paper")
            if (evaluation := datasets[dataset].measured.evaluations.get(model)) is not None:
                bounds = bounds_of(evaluation.test, SCORE)
                if bounds is not None:
                    axis.plot(bounds[:2], (place, place), color=PALETTE[0], linewidth=1.8)
                axis.plot(evaluation.test.values[SCORE], place, "o", color=PALETTE[0], label="ours")
        axis.set_yticks(range(len(of_models)), list(of_models))
        axis.set_ylim(len(of_models) - 0.4, -0.6)
        axis.set_title(dataset if datasets[dataset].measured.evaluations else f"{dataset}: {NOT_RUN}", loc="left")
    axes[-1][0].set_xlabel("accuracy on the test set (share)")
    named = [pair for axis in axes[:, 0] for pair in zip(*axis.get_legend_handles_labels(), strict=True)]
    handles = {label: handle for handle, label in named}  # each once
    figure.legend(handles.values(), handles.keys(), loc="outside upper right", ncols=2)
    return figure


def described(printed: Printed, datasets: Mapping[str, OfDataset]) -> str:
    return "; ".join(
        f"{dataset}, {model}: paper {', '.join(f'{value:.3f}' for value in values)}, "
        f"ours {_ours(datasets[dataset], model) or NOT_RUN}"
        for dataset, of_models in printed.items()
        for model, values in of_models.items()
    )
