"""The tables of docs/large-sets.md: what was measured, what an image costs, and what very many would.

All take a row for each step and size: step, images, seconds, busy (seconds of all cores), peak, anonymous, files (MB).
"""

from importlib.metadata import version

import numpy as np
import pandas as pd

from bench.page import machine

PLANNED = 100_000_000  # images
WHOLE, BY_HASH = "duplicates, whole search", "duplicates, by hash alone"
PAIRED = (WHOLE, BY_HASH)  # compare all pairs of images


def setup(limit: float) -> pd.DataFrame:
    """The machine, and the limit in megabytes."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras"))
    return pd.DataFrame(
        [{"Machine": f"{machine()}, {libraries}", "Limit of each step but the whole search": f"{limit:,.0f} MB"}]
    )


def steps_table(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each step and size."""
    shown = {
        "Images": table["images"].map("{:,}".format),
        "Seconds": table["seconds"].map("{:,.1f}".format),
        "Seconds of all cores": table["busy"].map("{:,.1f}".format),
        "Peak, MB": table["peak"].map("{:,.0f}".format),
        "Without pages of files, MB": table["anonymous"].map("{:,.0f}".format).where(table["anonymous"].notna(), "–"),
        "Files written, MB": table["files"].map("{:,.0f}".format),
    }
    return pd.DataFrame({"Step": table["step"], **shown})


def slopes(table: pd.DataFrame) -> pd.DataFrame:
    """By step, least squares over its sizes: seconds of all cores and bytes for one more image.

    Of PAIRED, whose time has a part that grows with the square of the images, the seconds for one more pair.
    """
    rows = {}
    for step, sizes in table.groupby("step", sort=False):
        if len(sizes) < 3:
            continue
        of_images = {name: np.polyfit(sizes["images"], sizes[name], 1)[0] for name in ("peak", "anonymous", "files")}
        degree = 2 if step in PAIRED else 1
        seconds = np.polyfit(sizes["images"], sizes["busy"], degree)[0] * degree  # n^2 / 2 pairs
        rows[step] = {"seconds": seconds, **{name: max(0.0, 1e6 * slope) for name, slope in of_images.items()}}
    return pd.DataFrame(rows, dtype=float).T


def growth_table(table: pd.DataFrame) -> pd.DataFrame:
    """What each further image, or pair of images, costs."""
    return pd.DataFrame(
        {
            "Step": step,
            "Time of all cores": f"{1e9 * row['seconds']:,.1f} ns a pair"
            if step in PAIRED
            else f"{1e3 * row['seconds']:,.2f} ms an image",
            "Peak, bytes an image": f"{row['peak']:,.0f}",
            "Without pages of files, bytes an image": f"{row['anonymous']:,.0f}",
            "Files, bytes an image": f"{row['files']:,.0f}",
        }
        for step, row in slopes(table).iterrows()
    )


def plan_table(table: pd.DataFrame) -> pd.DataFrame:
    """Each step at PLANNED images as it stands."""
    return pd.DataFrame(
        {
            "Step": step,
            "Time grows": "with the square" if step in PAIRED else "in proportion",
            "Days of one core": f"{row['seconds'] * (PLANNED**2 / 2 if step in PAIRED else PLANNED) / 86_400:,.1f}",
            "Memory without pages of files, GB": f"{row['anonymous'] * PLANNED / 1e9:,.0f}",
            "Files, GB": f"{row['files'] * PLANNED / 1e9:,.0f}",
        }
        for step, row in slopes(table).iterrows()
    )
