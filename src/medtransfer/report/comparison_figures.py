"""Differences between models as a forest plot, and mean ranks as a critical-difference diagram."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from medtransfer.comparison.critical_difference import Ranking
from medtransfer.plotting import PALETTE

STEP = 0.4  # of two labels of the diagram, in units of its height


@dataclass(frozen=True)
class Estimate:
    """A difference a - b and its 95 % interval, None where there is none."""

    a: str
    b: str
    value: float
    interval: tuple[float, float] | None
    told_apart: bool  # the interval leaves 0 out, and p by Holm is below 0.05


def forest(estimates: Sequence[Estimate], label: str) -> Figure:
    """A row for each pair from the top: a point and its interval, filled where the pair is told apart."""
    figure, axis = plt.subplots(figsize=(4.6, 1.1 + 0.42 * len(estimates)))
    axis.axvline(0, color="0.35", linewidth=1.2)
    for row, each in enumerate(estimates):
        if each.interval is not None:
            axis.plot(each.interval, (row, row), color=PALETTE[0], linewidth=1.8, solid_capstyle="butt")
        face = PALETTE[0] if each.told_apart else "white"
        axis.plot(each.value, row, "o", color=PALETTE[0], markerfacecolor=face, markersize=7)
    axis.set_yticks(range(len(estimates)), [f"{each.a}\n− {each.b}" for each in estimates], fontsize=8)
    axis.set_ylim(len(estimates) - 0.5, -0.5)
    axis.set_xlabel(f"{label}\n◂ second model higher    first model higher ▸")
    axis.margins(x=0.08)
    return figure


def critical_difference(ranking: Ranking) -> Figure:
    """Mean ranks on an axis, best on the left; a bar joins models that cannot be told apart (Demsar 2006, figure 1)."""
    models, highest = list(ranking.mean_ranks.items()), len(ranking.mean_ranks)
    left = (highest + 1) // 2
    first_label = 0.35 + 0.16 * len(ranking.alike)
    depth = first_label + STEP * max(left, highest - left)
    figure, axis = plt.subplots(figsize=(4.6, 1 + 0.75 * depth))
    axis.axis("off")
    axis.set(xlim=(0.2, highest + 0.8), ylim=(depth, -0.8))
    axis.plot((1, highest), (0, 0), color="black", linewidth=1.2)
    for tick in range(1, highest + 1):
        axis.plot((tick, tick), (0, -0.08), color="black", linewidth=1.2)
        axis.text(tick, -0.13, str(tick), ha="center", va="bottom", fontsize=9)
    _critical(axis, ranking.critical_difference, highest)
    for number, group in enumerate(ranking.alike):
        ends = [ranking.mean_ranks[name] for name in (group[0], group[-1])]
        axis.plot(
            (ends[0] - 0.04, ends[1] + 0.04),
            [0.2 + 0.16 * number] * 2,
            color=PALETTE[1],
            linewidth=4,
            solid_capstyle="butt",
        )
    for number, (name, rank) in enumerate(models):
        on_left = number < left
        level = first_label + STEP * (number if on_left else highest - 1 - number)
        end, side = (0.9, "right") if on_left else (highest + 0.1, "left")
        axis.plot((rank, rank, end), (0, level, level), color="0.35", linewidth=1)
        gap = -0.04 if on_left else 0.04
        axis.text(end + gap, level, f"{name}\n{rank:.2f}", ha=side, va="center", fontsize=9)
    return figure


def _critical(axis: Axes, width: float, highest: int) -> None:
    """The critical difference as a length; where it is longer than the axis, the text says so."""
    end = min(1 + width, float(highest))
    beyond = "" if 1 + width <= highest else ", more than all ranks span"
    axis.plot((1, end), (-0.5, -0.5), color="black", linewidth=1.2)
    for place in (1, end) if not beyond else (1,):
        axis.plot((place, place), (-0.45, -0.55), color="black", linewidth=1.2)
    axis.text(1, -0.6, f"critical difference {width:.2f}{beyond}", ha="left", va="bottom", fontsize=9)
