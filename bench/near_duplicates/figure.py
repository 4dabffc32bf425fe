"""docs/near-duplicates.png: recall by kind of change; numbers only, no third party's image."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.plotting import MARKERS, PALETTE

SHOWN = {"hash": "hash alone", "copy": "hash and registration: a copy", "together": "kept together"}
SIZES = (64, 40, 16)  # where all three lie on one point, each is seen


def figure(shares: pd.DataFrame) -> Figure:
    """A row a change: the share found in the worse of the two poses, and the goal."""
    drawing, axes = plt.subplots(figsize=(8.5, 0.21 * len(shares) + 1.3))
    rows = np.arange(len(shares))
    for number, (kind, label) in enumerate(SHOWN.items()):
        axes.scatter(
            100 * np.nanmin(shares[kind].to_numpy(), axis=1),
            rows,
            s=SIZES[number],
            color=PALETTE[number],
            marker=MARKERS[number],
            label=label,
            zorder=2 + number,
        )
    axes.scatter(100 * shares["goal"], rows, s=120, marker="|", color="0.2", label="goal", zorder=1.5)
    axes.set_yticks(rows, shares.index)
    axes.set(
        xlabel="changed images that are found (%)", ylabel="change", xlim=(-2, 102), ylim=(len(shares) - 0.4, -0.6)
    )
    axes.set_title("Recall, upright or in another orientation, whichever is less")
    axes.legend(fontsize=8, loc="center left")
    return drawing
