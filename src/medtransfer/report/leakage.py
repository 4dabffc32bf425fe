"""The leakage audit as tables and figures: what each strategy of splitting lets through, and the worst to look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.plotting import PALETTE

COLUMNS = 4  # pairs in a row of the gallery
LONGEST = 26  # letters of a file's name in it


KINDS = {"exact": ("exact twin", ""), "near": ("near twin", "//"), "patient_alone": ("no twin, but same patient", "..")}


@dataclass(frozen=True)
class Pair:
    """A test image beside its twin in development: uint8, H x W x 1 or 3."""

    test: NDArray[np.uint8]
    development: NDArray[np.uint8]
    labels: tuple[str, str]
    names: tuple[str, str]
    bits: int  # in which their hashes differ
    exact: bool


def audit_table(audit: Mapping[str, Any]) -> pd.DataFrame:
    """A row per strategy: its test images, and how many have a twin (or their patient) in development."""
    rows = []
    for strategy, found in audit["strategies"].items():
        twins = found["exact"] + found["near"]
        row = {"data set": audit["dataset"], "strategy": strategy, "test images": str(found["test"])}
        row |= {"exact twin": str(found["exact"]), "near twin": str(found["near"])}
        row |= {"with a twin": f"{twins / found['test']:.1%}"}
        row |= {"same patient": "not named" if found["patient"] is None else str(found["patient"])}
        rows.append(row | {"exact groups torn apart": str(found["exact_groups"])})
    return pd.DataFrame(rows)


def overlap_table(pairs: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row per ordered pair of data sets: images of the one that have a twin in the other."""
    rows = [
        {
            "data set": pair["dataset"],
            "images": str(pair["images"]),
            "compared with": pair["other"],
            "exact twin": str(pair["exact"]),
            "near twin": str(pair["near"]),
            "with a twin": f"{(pair['exact'] + pair['near']) / pair['images']:.1%}",
        }
        for pair in pairs
    ]
    return pd.DataFrame(rows)


def worth_table(measured: Mapping[str, Any]) -> pd.DataFrame:
    """A row of one model's accuracy on test images without a twin in development, beside all of the same classes.

    Classes count equally (the mean of their accuracies), as twins are not spread evenly over them.
    """
    free = measured["test_twin_free"]
    row = {"data set": measured["dataset"], "strategy": measured["strategy"], "model": measured["model"]}
    row |= {"accuracy, all": f"{measured['test']['accuracy']:.3f} of {measured['images']}"}
    row |= {"twin-free": _with_interval(free)}
    row |= {"twin-free by class": ", ".join(f"{name} {count}" for name, count in free["by_class"].items())}
    row |= {"balanced, all": _three(free["balanced_all"]), "balanced, twin-free": _three(free["balanced"])}
    return pd.DataFrame([row])


def _with_interval(free: Mapping[str, Any]) -> str:
    if free["accuracy"] is None:
        return "– of 0"
    low, high = free["interval"]
    return f"{free['accuracy']:.3f} of {free['images']} ({low:.3f} to {high:.3f})"


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def audit_figure(counts: Mapping[str, Mapping[str, Any]], title: str) -> Figure:
    """A bar per strategy: the share of its test images with a twin, or their patient, in development."""
    figure, axis = plt.subplots(figsize=(7.5, 1.2 + 0.55 * len(counts)))
    names = list(counts)
    left = np.zeros(len(names))
    for place, (kind, (title_of_kind, hatch)) in enumerate(KINDS.items()):
        share = np.array([counts[name][kind] / counts[name]["test"] for name in names])
        axis.barh(names, share, left=left, color=PALETTE[place], hatch=hatch, edgecolor="white", label=title_of_kind)
        left += share
    for place, name in enumerate(names):
        found = counts[name]
        text = f"{' + '.join(str(found[kind]) for kind in KINDS)} of {found['test']}"
        axis.text(left[place] + 0.01, place, text, va="center", fontsize=9)
    axis.set(xlim=(0, max(1.0, left.max() + 0.25)), xlabel="test images like one in development (share)", title=title)
    axis.invert_yaxis()
    figure.legend(loc="outside lower right", ncols=3, fontsize=8)
    return figure


def gallery(rows: Mapping[str, Sequence[Pair]]) -> Figure:
    """A row per strategy: test images (left) beside the development images (right) that show the same."""
    shown = {name: list(pairs[:COLUMNS]) for name, pairs in rows.items()}
    heights = [2.15 if pairs else 0.3 for pairs in shown.values()]
    figure, axes = plt.subplots(
        len(shown), COLUMNS, figsize=(2.6 * COLUMNS, sum(heights)), squeeze=False, height_ratios=heights
    )
    for line, (name, pairs) in zip(axes, shown.items(), strict=True):
        for axis in line:
            axis.set_axis_off()
        line[0].set_title(name, loc="left", fontsize=10)
        for axis, pair in zip(line, pairs, strict=False):
            gap = np.full((pair.test.shape[0], max(2, pair.test.shape[1] // 40), 3), 255, np.uint8)
            axis.imshow(np.concatenate([_rgb(pair.test), gap, _rgb(pair.development)], axis=1))
            kind = "same pixels" if pair.exact else f"{pair.bits} of 256 bits differ"
            labels = pair.labels[0] if len(set(pair.labels)) == 1 else f"{pair.labels[0]} / {pair.labels[1]}!"
            text = "\n".join((f"{labels}: {kind}", *map(_short, pair.names)))
            axis.text(0.5, -0.03, text, transform=axis.transAxes, ha="center", va="top", fontsize=8)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[-LONGEST:]}"


def _rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
