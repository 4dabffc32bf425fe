"""One look for every figure: a palette that colour-blind readers can tell apart, sizes, files without dates."""

import io
from pathlib import Path

import matplotlib as mpl
from cycler import cycler

mpl.use("Agg")  # figures are files here; no display is needed

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), without its yellow, which is too light on white
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":")
HEAT = "viridis"
BAND = 0.15  # opacity of an interval around a line
DPI = 110

plt.rcParams.update(
    {
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "font.size": 10,
        "axes.titlesize": 11,
        "figure.constrained_layout.use": True,
        "savefig.dpi": DPI,
    }
)


def png(figure: Figure) -> bytes:
    """A figure as PNG without a date or the name of its maker, so that equal figures are equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def write_png(path: Path, figure: Figure) -> None:
    """A figure into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(figure))
