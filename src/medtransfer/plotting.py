"""One look for every figure: a palette that colour-blind readers can tell apart, sizes, files without dates."""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from numpy.typing import NDArray

mpl.use("Agg")  # figures are files here; no display is needed

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), without its yellow, which is too light on white
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":")
HEAT = "viridis"
BAND = 0.15  # opacity of an interval around a line
DPI = 110
LEVELS = (0.25, 0.5, 0.75)  # of a heat map, at which contours run
LESION = PALETTE[1]  # outline of a lesion where white is the contours'

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
    }
)


def png(figure: Figure) -> bytes:
    """A figure as PNG without a date or the name of its maker, so that equal figures are equal bytes."""
    buffer, canvas = io.BytesIO(), FigureCanvasAgg(figure)
    figure.dpi = DPI
    # `savefig` would draw the figure twice, the first time for its layout alone.
    canvas.print_png(buffer, metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def write_png(path: Path, figure: Figure) -> None:
    """A figure into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(figure))


def draw_overlay(
    axis: Axes, image: NDArray[np.uint8], heat_map: NDArray[np.floating], mask: NDArray[np.bool_] | None, contours: bool
) -> None:
    """A heat map (H x W, 0..1) over the grey image (H x W x C), and the outline of the lesion in white.

    With contours, white are the lines of equal value (EfficientNet report of 2025, figure 3), and the outline is
    dashed.
    """
    axis.imshow(image.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
    axis.imshow(heat_map, cmap=HEAT, alpha=0.15 + 0.45 * heat_map, vmin=0, vmax=1)
    outline: dict[str, Any] = {"colors": "white", "linewidths": 1}
    if contours:
        if heat_map.max() > LEVELS[0]:
            axis.contour(heat_map, levels=LEVELS, colors="white", linewidths=0.8)
        outline = {"colors": LESION, "linewidths": 1.4, "linestyles": "dashed"}
    if mask is not None and mask.any():
        axis.contour(mask, levels=[0.5], **outline)
