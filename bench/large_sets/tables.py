"""The tables of docs/large-sets.md: what was measured, what an image costs, and what very many would.

All take a row for each step and size: step, images, seconds, busy (seconds of all cores), peak, anonymous, files (MB).
"""

from importlib.metadata import version

import numpy as np
import pandas as pd

from bench.page import machine

PLANNED = 100_000_000  # images
SQUARE = 1.5  # power of the number of images in time, from which a step is taken to grow with their square


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
    """By step, between its two largest sizes: power of time, ms of all cores and bytes an image; images, busy after."""
    rows = {}
    for step, sizes in table.groupby("step", sort=False):
        if len(sizes) < 2:
            continue
        before, after = (sizes.iloc[place] for place in (-2, -1))
        more = after["images"] - before["images"]
        rows[step] = {
            "before": before["images"],
            "images": after["images"],
            "busy": after["busy"],
            "power": np.log(after["busy"] / before["busy"]) / np.log(after["images"] / before["images"]),
            "ms": 1e3 * (after["busy"] - before["busy"]) / more,
            **{name: max(0.0, 1e6 * (after[name] - before[name]) / more) for name in ("peak", "anonymous", "files")},
        }
    return pd.DataFrame(rows).T


def growth_table(table: pd.DataFrame) -> pd.DataFrame:
    """What each further image costs, and the power of the number of images in time."""
    return pd.DataFrame(
        {
            "Step": step,
            "Between, images": f"{row['before']:,.0f} and {row['images']:,.0f}",
            "Power of images in time": f"{row['power']:.2f}",
            "Milliseconds of all cores an image": f"{row['ms']:.2f}",
            "Peak, bytes an image": f"{row['peak']:,.0f}",
            "Without pages of files, bytes an image": f"{row['anonymous']:,.0f}",
            "Files, bytes an image": f"{row['files']:,.0f}",
        }
        for step, row in slopes(table).iterrows()
    )


def plan_table(table: pd.DataFrame) -> pd.DataFrame:
    """Each step at PLANNED images as it stands: in proportion, or with the square of the number of images."""
    rows = []
    for step, row in slopes(table).iterrows():
        square = row["power"] > SQUARE
        seconds = row["busy"] * (PLANNED / row["images"]) ** 2 if square else row["ms"] / 1e3 * PLANNED
        rows.append(
            {
                "Step": step,
                "Time grows": "with the square" if square else "in proportion",
                "Days of one core": f"{seconds / 86_400:,.1f}",
                "Memory without pages of files, GB": f"{row['anonymous'] * PLANNED / 1e9:,.0f}",
                "Files, GB": f"{row['files'] * PLANNED / 1e9:,.0f}",
            }
        )
    return pd.DataFrame(rows)
