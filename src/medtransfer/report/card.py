"""The data card as tables and a figure: counts of images, rejected files, copies, and sample images."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.settings.datasets import Provenance

ACROSS = 8  # images of a class on the contact sheet
MOSTLY = 0.5  # pictures per image: a set with fewer consists mostly of copies
LONGEST = 12  # rows of the table of rejects
NOT_STATED = "not stated"
PROVENANCE = {
    "institutions": "source of the images",
    "dates": "dates of acquisition",
    "scanners": "scanners and sequences",
    "annotators": "annotators",
    "consent": "ethics approval, consent",
    "reference": "reference",
}


def class_counts(split: pd.DataFrame) -> pd.DataFrame:
    """A row per class: its images, pictures and groups, and where the split has put the images."""
    parts = [
        part for part in ("development", "test", "dropped") if part != "dropped" or (split["partition"] == part).any()
    ]
    rows = [
        {"class": label, "images": len(rows), "pictures": rows["picture"].nunique(), "groups": rows["group"].nunique()}
        | {part: int((rows["partition"] == part).sum()) for part in parts}
        for label, rows in split.groupby("label")
    ]
    return pd.DataFrame(rows)


def members(index: pd.DataFrame, split: pd.DataFrame) -> pd.DataFrame:
    """Of a union, a row per member and label there: what it is in the union, and how much other members have of it.

    `index` and `split` have a row per image, in the same order. Pictures in others: those of which another member
    has a copy.
    """
    table = index[["member", "member_label", "label"]].assign(picture=split["picture"].to_numpy())
    shared = table.groupby("picture")["member"].transform("nunique") > 1
    rows = [
        {"member": member, "its label": own, "label here": label, "images": len(rows)}
        | {
            "pictures": rows["picture"].nunique(),
            "of them in others": rows.loc[shared[rows.index], "picture"].nunique(),
        }
        for (member, own, label), rows in table.groupby(["member", "member_label", "label"], sort=False)
    ]
    return pd.DataFrame(rows)


def facts(index: pd.DataFrame, expected: Mapping[str, int] | int | None, audit: Mapping[str, Any]) -> dict[str, str]:
    """The images as they are in the archive, before they are resized; `audit` is what `split` has counted."""
    sizes = index["width"].astype(str) + " × " + index["height"].astype(str)
    area = index["width"] * index["height"]
    smallest, largest = sizes.iloc[area.argmin()], sizes.iloc[area.argmax()]
    patients = index.loc[index["patient"] != "", "patient"]
    named = f"{patients.nunique()}, named for {len(patients)} of {len(index)} images" if len(patients) else "not named"
    return {
        "images": _expected(index["label"], expected),
        "patients": named,
        "sizes (pixels)": f"{sizes.nunique()}, from {smallest} to {largest}; most often {sizes.mode()[0]}"
        if sizes.nunique() > 1
        else f"all {smallest}",
        "modes": _counted(index["mode"]),
        "formats, by content": _counted(index["format"]),
        "brightness (0 to 255)": f"mean {index['mean'].mean():.0f}, from {index['mean'].min():.0f} to "
        f"{index['mean'].max():.0f}; within an image, standard deviation {index['deviation'].mean():.0f}",
        "identical pixels": f"{audit['images_in_exact_groups']} images in {audit['exact_groups']} groups",
        "independent pictures": f"{audit['pictures']}, of {audit['images']} images; the most frequent one occurs "
        f"{audit['largest_picture']} times; {audit['pictures_in_several_orientations']} in several orientations",
        "groups that stay whole": f"{audit['groups']}, the largest of {audit['largest_group']} images; "
        f"{audit['groups_of_several_labels']} with more than one label",
        "one picture under two labels": f"{audit['conflicting_images']} images",
    }


def copies_warning(audit: Mapping[str, Any]) -> str:
    """A warning where most images are copies; else empty."""
    images, pictures = audit["images"], audit["pictures"]
    if pictures > MOSTLY * images:
        return ""
    return (
        f"Most of this set is copies: its {images} images show {pictures} independent pictures, "
        f"{images / pictures:.0f} images each on average. {_random_share(audit)}Intervals that count images are too "
        "narrow."
    )


def _random_share(audit: Mapping[str, Any]) -> str:
    random = audit["strategies"].get("random")
    if random is None:
        return ""
    share = (random["exact"] + random["near"] + random["turned"]) / random["test"]
    return f"Under a random split {share:.0%} of the test images have a copy in development. "


def provenance(stated: Provenance, licence: str) -> pd.DataFrame:
    """A row per field of the catalogue: what is stated of where the images come from."""
    known = {title: getattr(stated, key) for key, title in PROVENANCE.items()} | {"licence": licence}
    return pd.DataFrame([(title, text or NOT_STATED) for title, text in known.items()], columns=["field", "as stated"])


def rejects(rejected: pd.DataFrame) -> pd.DataFrame:
    """A row per reason why files of the archive are not in the set: how many, and the first of them."""
    counted = rejected.groupby("reason", sort=False)["id"].agg(["size", "first"]).sort_values("size", ascending=False)
    rows = [
        {"reason": reason, "files": int(size), "first": first}
        for reason, size, first in zip(counted.index, counted["size"], counted["first"], strict=True)
    ]
    if len(rows) > LONGEST:
        rest = rows[LONGEST - 1 :]
        rows[LONGEST - 1 :] = [
            {"reason": f"{len(rest)} more reasons", "files": sum(row["files"] for row in rest), "first": "rejected.csv"}
        ]
    return pd.DataFrame(rows, columns=["reason", "files", "first"])


def contact_sheet(images: NDArray[np.uint8], labels: NDArray, classes: Sequence[str]) -> Figure:
    """A row of prepared images per class, taken at even steps through the set; images are N x H x W x 1 or 3."""
    figure, axes = plt.subplots(
        len(classes), ACROSS, figsize=(1.15 * ACROSS, 1.35 * len(classes)), squeeze=False, layout="constrained"
    )
    for line, name in zip(axes, classes, strict=True):
        rows = np.flatnonzero(labels == name)
        shown = rows[np.unique(np.linspace(0, len(rows) - 1, ACROSS).astype(int))] if len(rows) else rows
        for axis in line:
            axis.set_axis_off()
        line[0].set_title(name, loc="left", fontsize=9)
        for axis, row in zip(line, shown, strict=False):
            axis.imshow(np.broadcast_to(images[row], (*images.shape[1:3], 3)))
    return figure


def _expected(labels: pd.Series, expected: Mapping[str, int] | int | None) -> str:
    if expected is None:
        return str(len(labels))
    total = expected if isinstance(expected, int) else sum(expected.values())
    counts = labels.value_counts()
    others = [] if isinstance(expected, int) else [name for name, n in expected.items() if counts.get(name, 0) != n]
    if total == len(labels) and not others:
        return f"{len(labels)}, as the catalogue expects"
    differences = "; ".join(f"{name} {counts.get(name, 0)}, not {expected[name]}" for name in others)  # type: ignore[index]
    return f"{len(labels)}; the catalogue expects {total}" + (f" ({differences})" if differences else "")


def _counted(values: pd.Series) -> str:
    return ", ".join(f"{value} {count}" for value, count in values.value_counts().items())
