"""The tables of docs/large-sets.md: what was measured, what an image costs, and what very many would.

All take a row for each step and size: step, images, seconds, busy (seconds of all cores), peak, anonymous, files (MB).
"""

from importlib.metadata import version

import numpy as np
import pandas as pd

from bench.page import machine

PLANNED, LARGEST = 100_000_000, 200_000  # images that are extrapolated to; the second is that of all other steps
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
    """By step, for one more image: seconds of all cores, by least squares over all sizes; bytes, by the two largest.

    Of PAIRED, whose time has a part that grows with the square of the images, the seconds for one more pair.
    """
    rows = {}
    for step, sizes in table.groupby("step", sort=False):
        if len(sizes) < 3:
            continue
        more = sizes[["images", "peak", "anonymous", "files"]].iloc[-2:].diff().iloc[-1]
        of_images = (1e6 * more / more["images"]).drop("images").clip(lower=0)
        degree = 2 if step in PAIRED else 1
        seconds = np.polyfit(sizes["images"], sizes["busy"], degree)[0] * degree  # n^2 / 2 pairs
        rows[step] = {"seconds": seconds, **of_images}
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
    """Each step at PLANNED images as it stands, and the whole search at those of the other steps."""
    return pd.DataFrame(
        {
            "Step": step,
            "Images": f"{images:,}",
            "Time grows": "with the square" if step in PAIRED else "in proportion",
            "Hours of one core": f"{row['seconds'] * (images**2 / 2 if step in PAIRED else images) / 3_600:,.0f}",
            "Memory without pages of files, GB": f"{row['anonymous'] * images / 1e9:,.0f}",
            "Files, GB": f"{row['files'] * images / 1e9:,.0f}",
        }
        for step, row in slopes(table).iterrows()
        for images in ((LARGEST, PLANNED) if step == WHOLE else (PLANNED,))
    )
