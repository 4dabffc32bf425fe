"""docs/near-twins.png, from what near_twins.py measured: curves only, as no third party's image is shown here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import LINES, MARKERS, PALETTE

if TYPE_CHECKING:
    from near_twins import Findings

SHOWN = ("contrast × 1.5", "cropped by 2 %", "rotated by 2°", "shifted by 1 %", "shifted by 2 %", "shifted by 4 %")


def figure(found: Findings) -> Figure:
    """Recall by change, precision and recall by hash, false pairs by set, largest groups by set."""
    drawing, ((changes, hashes), (cross, chains)) = plt.subplots(2, 2, figsize=(11, 8))
    bits = np.arange(0, 101, 2)
    for number, name in enumerate(SHOWN):
        _line(changes, bits, 100 * found.changes["curve"][name][bits], number, name)
    changes.set(
        title="Changed images that are found", xlabel="distance (bits of 256)", ylabel="recall (%)", xlim=(-5, 155)
    )
    for number, (name, curve) in enumerate(found.curves.items()):
        longest = int(name.split()[1])
        near = np.arange(0, round(0.26 * longest), 2)
        _line(hashes, 100 * near / longest, 100 * curve.recall[near], number, f"{name}: recall", "-")
        _line(hashes, 100 * near / longest, 100 * curve.precision[near], number, f"{name}: precision", ":")
    label = f"twin_distance = {found.threshold} of 256"
    hashes.axvline(100 * found.threshold / 256, color="0.4", linewidth=1, label=label)
    hashes.set(title="Three hashes", xlabel="distance (% of the hash's bits)", ylabel="precision, recall (%)")
    for number, (name, counts) in enumerate(found.cross.items()):
        _line(cross, bits, _shown(1e6 * counts[bits] / found.cross_pairs[name]), number, name)
    for name, kinds in found.patients.items():
        for kind, counts in list(kinds.items())[1:]:
            number, short = len(cross.lines), kind.split(", ")[-1]
            _line(cross, bits, _shown(1e6 * counts[bits] / max(1, counts[-1])), number, f"{name}: {short}")
    cross.set(title="Pairs of different labels, or patients, within the distance", yscale="log")
    cross.set(xlabel="distance (bits of 256)", ylabel="pairs per million")
    for number, name in enumerate(found.images):
        even = found.chains[name]["largest"].iloc[::2]
        _line(chains, even.index.to_numpy(), 100 * even.to_numpy() / found.images[name], number, name)
    chains.set(title="Chains: the largest group", yscale="log")
    chains.set(xlabel="distance (bits of 256)", ylabel="images of the set (%)")
    for axes in (changes, cross, chains):
        axes.axvline(found.threshold, color="0.4", linewidth=1, label=f"twin_distance = {found.threshold}")
        axes.axvline(found.grouped, color="0.4", linewidth=1, linestyle=":", label=f"group_distance = {found.grouped}")
    for axes in (changes, hashes, cross, chains):
        axes.legend(fontsize=8)
    changes.legend(fontsize=8, loc="lower right")  # beside the curves
    cross.legend(fontsize=8, loc="upper left")
    return drawing


def _shown(rate: NDArray) -> NDArray:
    """Without zeros, which have no place on a logarithmic axis."""
    return np.where(rate > 0, rate, np.nan)


def _line(axes: Axes, x: NDArray, y: NDArray, number: int, label: str, style: str | None = None) -> None:
    """A curve told apart by colour, marker and, where it is free, dashes."""
    axes.plot(
        x,
        y,
        style or LINES[number % len(LINES)],
        color=PALETTE[number],
        marker=MARKERS[number],
        markersize=4,
        markevery=max(1, len(x) // 12),
        label=label,
    )
