"""docs/large-sets.png: time and memory of each stage against the number of images."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from medtransfer.plotting import LINES, MARKERS, PALETTE

PANELS = {
    "busy": "processor time (s)",
    "peak": "peak of resident memory (MB)",
    "anonymous": "peak without pages of files (MB)",
}


def figure(measured: pd.DataFrame, limit: float) -> Figure:
    """A line a step in each panel: columns step, images, and those of PANELS; `limit` is the goal for memory, in MB."""
    drawing, axes = plt.subplots(1, len(PANELS), figsize=(11, 4.4), sharex=True)
    shown = FuncFormatter(lambda value, _: f"{value:,.0f}")
    for axis, (column, title) in zip(axes, PANELS.items(), strict=True):
        for number, (step, rows) in enumerate(measured.groupby("step", sort=False)):
            axis.loglog(
                rows["images"], rows[column], color=PALETTE[number % len(PALETTE)], label=step,
                marker=MARKERS[number % len(MARKERS)], markersize=5, linestyle=LINES[number % len(LINES)],
            )  # fmt: skip
        if column != "busy":
            axis.axhline(limit, color="0.4", linewidth=1, linestyle=(0, (1, 2)))
            axis.text(1, limit, f"goal {limit:,.0f} MB ", transform=axis.get_yaxis_transform(), ha="right", va="bottom")
        axis.set(xlabel="images", ylabel=title)
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for one in (axis.xaxis, axis.yaxis):
            one.set_major_formatter(shown)
            one.set_minor_formatter(NullFormatter())
    axes[2].sharey(axes[1])
    drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return drawing
