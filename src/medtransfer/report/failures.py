"""Failures as tables and figures: the most confident errors, accuracy in parts of the test set and by patient."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.evaluation.failures import FEW, Part
from medtransfer.plotting import PALETTE
from medtransfer.store.interval import Interval

ACROSS = 2  # errors in a line of a figure
WORST = 5  # patients in the table
LETTERS = 24  # of a line under an image


@dataclass(frozen=True)
class Shown:
    """An error as it is drawn."""

    image: NDArray[np.uint8]  # H x W x 1 or 3
    mask: NDArray[np.bool_] | None  # H x W
    actual: str
    predicted: str
    confidence: float


def interval(estimate: Interval) -> str:
    """Its ends in words."""
    return f"{estimate.low:.3f} to {estimate.high:.3f}"


def errors_table(errors: pd.DataFrame) -> pd.DataFrame:
    """A row per error, of `evaluation.failures.confident_errors`."""
    return pd.DataFrame(
        {
            "image": errors["id"],
            "true class": errors["actual"],
            "predicted class": errors["predicted"],
            "confidence": [f"{value:.1%}" for value in errors["confidence"]],
            "probability of the true class": [f"{value:.1%}" for value in errors["actual_probability"]],
        }
    )


def errors_figure(errors: Sequence[Shown]) -> Figure:
    """Images with true class, predicted class and confidence; lesions outlined in white, where these are known."""
    lines = -(-len(errors) // ACROSS)
    figure, axes = plt.subplots(lines, ACROSS, figsize=(2.1 * ACROSS, 2.75 * lines), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, error in zip(axes.flat, errors, strict=False):
        axis.imshow(np.broadcast_to(error.image, (*error.image.shape[:2], 3)))
        if error.mask is not None and error.mask.any():
            axis.contour(error.mask, levels=[0.5], colors="white", linewidths=1)
        words = (f"true: {error.actual}", f"predicted: {error.predicted}", f"confidence {error.confidence:.0%}")
        text = "\n".join(line for each in words for line in textwrap.wrap(each, LETTERS))
        axis.text(0.5, -0.03, text, transform=axis.transAxes, ha="center", va="top", fontsize=9)
    return figure


def parts_table(parts: Sequence[tuple[str, Part]], whole: Interval, images: int, groups: int) -> pd.DataFrame:
    """A row per part, under the property that it is a part by, and one of all images."""
    rows = [("all images", images, groups, whole, "–")]
    rows += [
        (f"{by}: {part.name}", part.images, part.groups, part.accuracy, against(part, whole.value))
        for by, part in parts
    ]
    return pd.DataFrame(
        [
            {
                "part": name,
                "accuracy": f"{estimate.value:.3f}",
                "95 % interval": interval(estimate),
                "against all images": verdict,
                "images": count,
                "groups": units,
            }
            for name, count, units, estimate, verdict in rows
        ]
    )


def against(part: Part, whole: float) -> str:
    """What a part's interval says of it against the accuracy over all images."""
    if part.is_small:
        return "too few groups"
    if not part.differs_from(whole):
        return "not told apart"
    return "lower" if part.accuracy.value < whole else "higher"


def parts_in_words(parts: Sequence[tuple[str, Part]], whole: float) -> str:
    """Which parts differ, which say nothing, and how many would differ by chance."""
    large = [(by, part) for by, part in parts if not part.is_small]
    differing = [f"{by}: {part.name} ({against(part, whole)})" for by, part in large if part.differs_from(whole)]
    text = f"Of {len(parts)} parts, {len(large)} have {FEW} groups or more. "
    if large and not differing:
        text += "None of these can be told apart from all images. "
    elif differing:
        text += f"The accuracy differs from that of all images in: {'; '.join(differing)}. "
    text += f"From the other {len(parts) - len(large)} nothing is concluded. " if len(large) < len(parts) else ""
    return text + "Intervals are not corrected for the number of parts: about one in twenty differs by chance alone."


def patients_in_words(patients: pd.DataFrame) -> str:
    """One sentence on `evaluation.failures.by_patient`."""
    right = int((patients["errors"] == 0).sum())
    text = f"All test images are predicted right for {right} of {len(patients)} patients"
    if right == len(patients):
        return f"{text}."
    worst = patients.sort_values("errors", ascending=False, kind="stable").head(WORST)
    of_worst, errors = int(worst["errors"].sum()), int(patients["errors"].sum())
    return (
        f"{text}; the median accuracy of a patient is {patients['accuracy'].median():.2f}, the lowest "
        f"{patients['accuracy'].min():.2f}; the {min(len(worst), len(patients) - right)} patients with most errors "
        f"have {of_worst} of the {errors} errors."
    )


def patients_table(patients: pd.DataFrame) -> pd.DataFrame:
    """The worst patients, those with an error alone."""
    worst = patients[patients["errors"] > 0].head(WORST)
    return worst.assign(accuracy=[f"{value:.2f}" for value in worst["accuracy"]]).rename(
        columns={"images": "test images"}
    )


def patients_figure(patients: pd.DataFrame) -> Figure:
    """A dot per patient, the lowest accuracy first; the larger, the more images."""
    figure, axis = plt.subplots(figsize=(5.2, 2.6))
    sizes = 14 + 60 * patients["images"] / patients["images"].max()
    axis.scatter(range(1, len(patients) + 1), patients["accuracy"], s=sizes, color=PALETTE[0], alpha=0.7, linewidths=0)
    axis.set(xlabel="patients, lowest accuracy first", ylabel="accuracy (share)", ylim=(-0.06, 1.06))
    return figure
