"""The leakage audit and the leakage experiment, as tables and figures."""

from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from medtransfer.plotting import PALETTE, png

KINDS = {
    "exact": ("identical pixels", ""),
    "near": ("near-duplicate", "//"),
    "turned": ("mirrored or turned copy", "xx"),
    "patient_alone": ("no copy, but same patient", ".."),
}
COPIES = ("exact", "near", "turned")
ARMS = {
    "random": "all of the random split",
    "control": "other images removed",
    "without_copies": "copies removed",
}


def audit_table(audit: Mapping[str, Any]) -> pd.DataFrame:
    """A row per strategy: its test images, and how many have a copy (or their patient) in development."""
    rows = []
    for strategy, counts in audit["strategies"].items():
        row = {"data set": audit["dataset"], "strategy": strategy, "test images": str(counts["test"])}
        row |= {"test pictures": str(counts["pictures"])} | _copies(counts, counts["test"])
        row |= {"same patient": "not named" if counts["patient"] is None else str(counts["patient"])}
        rows.append(row | {"exact groups on both sides": str(counts["exact_groups"])})
    return pd.DataFrame(rows)


def overlap_table(pairs: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row per ordered pair of data sets: images of the one that have a copy in the other."""
    return pd.DataFrame(
        [
            {"data set": pair["dataset"], "images": str(pair["images"]), "compared with": pair["other"]}
            | _copies(pair, pair["images"])
            for pair in pairs
        ]
    )


def pictures_table(audit: Mapping[str, Any]) -> pd.DataFrame:
    """A row: how many images, and how many independent pictures, a data set has, in all and of each class."""
    each = ", ".join(f"{label} {count['pictures']} / {count['images']}" for label, count in audit["classes"].items())
    row = {"data set": audit["dataset"], "images": str(audit["images"]), "pictures": str(audit["pictures"])}
    row |= {
        "pictures / images, by class": each,
        "in several orientations": str(audit["pictures_in_several_orientations"]),
    }
    return pd.DataFrame(
        [
            row
            | {
                "most copies of one picture": str(audit["largest_picture"]),
                "largest group": str(audit["largest_group"]),
            }
        ]
    )


def experiment_table(experiment: Mapping[str, Any]) -> pd.DataFrame:
    """Two rows, all test images and those with copies: accuracy of each arm, and the two paired differences."""
    if experiment["model"] is None:
        return pd.DataFrame()
    rows = []
    for title, part in (
        ("all images", experiment["all"] | {"test_images": experiment["test_images"]}),
        ("images whose group is in development", experiment["with_copies"]),
    ):
        if part["accuracy"] is None:
            continue
        row = {"data set": experiment["dataset"], "model": experiment["model"], "tested on": title}
        row |= {"test images": str(part["test_images"])}
        row |= {ARMS[arm]: f"{part['accuracy'][arm]['value']:.3f}" for arm in ARMS}
        differences = part["differences"]
        row |= {"copies are worth": with_interval(differences["control_minus_without_copies"])}
        rows.append(row | {"fewer images cost": with_interval(differences["random_minus_control"])})
    return pd.DataFrame(rows)


def experiment_in_words(experiment: Mapping[str, Any]) -> str:
    """How the experiment is made, and how to read it."""
    if experiment["model"] is None:
        return f"Not measured: {experiment['reason']}."
    images, groups = experiment["development_images"], experiment["development_groups"]
    sizes = {arm: f"{images[arm]:.0f} images of {groups[arm]:.0f} groups" for arm in ARMS}
    return (
        f"{experiment['model']} is trained three times in each of {experiment['repeats']} repeats: on the development "
        f"set of a random split ({sizes['random']} on average); without the copies of test images "
        f"({sizes['without_copies']}); and, as a control, without as many other images ({sizes['control']}). All three "
        f"are tested on the same images: {experiment['test_images']} over all repeats, of {experiment['groups']} "
        f"groups. The study's test fraction would give {experiment['wanted_test_images']}. Fewer "
        "are drawn from a class if the copies of its test images would be more than a third of its development images: "
        "otherwise too few images would remain to remove for the control. "
        "Copies are images of one group here: of one picture, look-alikes, or slices of a patient. Differences are in "
        "percentage points of accuracy, paired by image. Their 95 % intervals resample groups; they hold for these "
        "trained models, and with few groups they are too narrow. Copies are worth: the control minus the arm without "
        "copies. Fewer images cost: the random split minus the control."
    )


def with_interval(difference: Mapping[str, float]) -> str:
    """A difference of accuracies in percentage points, with its 95 % interval."""
    value, low, high = (100 * difference[key] for key in ("value", "low", "high"))
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def experiment_figure(experiment: Mapping[str, Any]) -> Figure:
    """The accuracy of each arm on all test images, with its interval."""
    figure, axis = plt.subplots(figsize=(7.5, 2.2))
    for place, arm in enumerate(ARMS):
        each = experiment["all"]["accuracy"][arm]
        axis.plot([each["low"], each["high"]], [place, place], color=PALETTE[place], linewidth=3)
        axis.plot(each["value"], place, "o", color=PALETTE[place], markersize=8)
        axis.text(each["high"], place, f"  {each['value']:.3f}", va="center", fontsize=9)
    axis.set_yticks(range(len(ARMS)), list(ARMS.values()))
    axis.margins(x=0.15, y=0.3)
    axis.invert_yaxis()
    axis.set(xlabel="accuracy on the same test images (share; lines: 95 % intervals)", title=experiment["model"])
    return figure


def pictures(figures: Mapping[str, Figure]) -> dict[str, bytes]:
    """The audit's figures as PNG."""
    return {name: png(figure) for name, figure in figures.items()}


def _copies(counts: Mapping[str, Any], images: int) -> dict[str, str]:
    columns = {KINDS[kind][0]: str(counts[kind]) for kind in COPIES}
    return columns | {"with a copy": f"{sum(counts[kind] for kind in COPIES) / images:.1%}"}


def audit_figure(counts: Mapping[str, Mapping[str, Any]], title: str) -> Figure:
    """A bar per strategy: the share of its test images with a copy, or their patient, in development."""
    figure, axis = plt.subplots(figsize=(7.5, 1.2 + 0.55 * len(counts)))
    names = list(counts)
    left = np.zeros(len(names))
    for place, (kind, (title_of_kind, hatch)) in enumerate(KINDS.items()):
        share = np.array([counts[name][kind] / counts[name]["test"] for name in names])
        axis.barh(names, share, left=left, color=PALETTE[place], hatch=hatch, edgecolor="white", label=title_of_kind)
        left += share
    for place, name in enumerate(names):
        numbers = " + ".join(str(counts[name][kind]) for kind in KINDS)
        text = f"{numbers} of {counts[name]['test']}"
        axis.text(left[place] + 0.01, place, text, va="center", fontsize=9)
    axis.set(
        xlim=(0, 1.25), xticks=np.linspace(0, 1, 6), xlabel="test images like one in development (share)", title=title
    )
    axis.invert_yaxis()
    figure.legend(loc="outside lower right", ncols=4, fontsize=8)
    return figure
