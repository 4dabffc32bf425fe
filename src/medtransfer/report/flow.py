"""The flow of images from the archive to the test set: counted, in words, and as a diagram."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from medtransfer.plotting import PALETTE
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, NO_FOLD, TEST

REASONS, CLASSES = 3, 8  # listed in a box; the rest is counted
# Inches. The figure is as wide as a telephone, where it is not made smaller.
WIDTH, MARGIN, LINE, PADDING, GAP = 3.8, 0.08, 0.165, 0.09, 0.24
TRUNK = 0.4  # where the line of images runs that are kept
FONT = 9


@dataclass(frozen=True)
class Part:
    """A set of images."""

    images: int
    pictures: int  # copies count once
    groups: int
    patients: int | None  # None where not every image names its patient
    classes: Mapping[str, int]


@dataclass(frozen=True)
class Flow:
    """What becomes of the files of an archive."""

    rejected: Mapping[str, int]  # by reason, the most frequent first
    prepared: Part
    dropped: int  # their picture has two labels
    development: Part
    folds: Sequence[int]  # images that each is validated on
    trained: int  # images that no fold is validated on: 0 with several folds
    test: Part

    @property
    def files(self) -> int:
        """Of the archive that could be images of the set."""
        return self.prepared.images + sum(self.rejected.values())


def flow(split: pd.DataFrame, patients: pd.Series, rejected: pd.DataFrame) -> Flow:
    """Counts a split (a row per image); `patients` has their ids in the same order, empty where there is none."""
    named = split.assign(patient=patients.to_numpy())
    parts = {name: named[named["partition"] == name] for name in (DEVELOPMENT, DROPPED, TEST)}
    folds = parts[DEVELOPMENT]["fold"]
    return Flow(
        {str(reason): int(count) for reason, count in rejected["reason"].value_counts().items()},
        _part(named),
        len(parts[DROPPED]),
        _part(parts[DEVELOPMENT]),
        [int(count) for _, count in folds[folds != NO_FOLD].value_counts().sort_index().items()],
        int((folds == NO_FOLD).sum()),
        _part(parts[TEST]),
    )


def _part(rows: pd.DataFrame) -> Part:
    known = len(rows) > 0 and bool((rows["patient"] != "").all())
    patients = rows["patient"].nunique() if known else None
    classes = {str(name): int(count) for name, count in rows.groupby("label").size().items()}
    return Part(len(rows), rows["picture"].nunique(), rows["group"].nunique(), patients, classes)


def in_words(flow: Flow) -> str:
    """Every number of the diagram, for those who cannot see it."""
    reasons = "; ".join(f"{reason}: {count}" for reason, count in flow.rejected.items())
    rejected = f"{sum(flow.rejected.values())} rejected" + (f" ({reasons})" if reasons else "")
    return (
        f"Flow of images. Archive: {flow.files} files, {rejected}. Prepared: {_words(flow.prepared)}. Dropped, as "
        f"their picture has two labels: {flow.dropped}. Development: {_words(flow.development)}; {_folds(flow)}. "
        f"Held-out test set: {_words(flow.test)}."
    )


def _words(part: Part) -> str:
    classes = ", ".join(f"{name} {count}" for name, count in part.classes.items())
    return f"{_counted(part.images, 'image')}, {_units(part)} ({classes})"


def _units(part: Part) -> str:
    counts = {"picture": part.pictures, "group": part.groups, "patient": part.patients}
    return ", ".join(_counted(count, noun) for noun, count in counts.items() if count is not None)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _folds(flow: Flow) -> str:
    counts = ", ".join(map(str, flow.folds))
    if len(flow.folds) > 1:
        return f"{len(flow.folds)} folds of {counts} images"
    return f"{flow.trained} images to train on, {counts} to validate on"


def diagram(flow: Flow) -> Figure:
    """Boxes from top to bottom; what is left out stands to the right, in boxes with dashed borders."""
    inner, beside = WIDTH - 2 * MARGIN, 0.8
    half = (inner - 0.15) / 2
    reasons = [f"{reason}: {count}" for reason, count in list(flow.rejected.items())[:REASONS]]
    if more := list(flow.rejected.values())[REASONS:]:
        reasons.append(f"{_counted(len(more), 'more reason')}: {sum(more)}")
    archive = _wrapped([_counted(flow.files, "file")], inner)
    rejected = _wrapped([_counted(sum(flow.rejected.values()), "file"), *reasons], WIDTH - MARGIN - beside)
    prepared = _wrapped([_counted(flow.prepared.images, "image"), _units(flow.prepared)], inner)
    dropped = _wrapped([f"{_counted(flow.dropped, 'image')} whose picture has two labels"], WIDTH - MARGIN - beside)
    development = _wrapped([*_lines(flow.development), _folds(flow)], half)
    test = _wrapped(_lines(flow.test), half)
    tall = [_height(lines) for lines in (archive, rejected, prepared, dropped)]
    last = max(_height(development), _height(test))
    height = sum(tall) + last + 2 * MARGIN + 4 * GAP
    figure = plt.figure(figsize=(WIDTH, height), layout="none")
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
    axis.set_axis_off()
    y = height - MARGIN
    for title, lines, aside, left_out, between in (
        ("Archive", archive, rejected, "Rejected", tall[1]),
        ("Prepared", prepared, dropped, "Dropped", tall[3]),
    ):
        y = _box(axis, (MARGIN, y, inner), title, lines)
        below = y - 2 * GAP - between
        _arrow(axis, (TRUNK, y), (TRUNK, below))
        _arrow(axis, (TRUNK, y - GAP - between / 2), (beside, y - GAP - between / 2))
        _box(axis, (beside, y - GAP, WIDTH - MARGIN - beside), left_out, aside, kept=False)
        y = below
    middle = MARGIN + half + 0.15 + half / 2
    axis.plot([TRUNK, middle, middle], [y + GAP / 2, y + GAP / 2, y], color="0.25", linewidth=1)
    _arrow(axis, (middle, y + GAP / 2), (middle, y))
    _box(axis, (MARGIN, y, half), "Development", development, last)
    _box(axis, (MARGIN + half + 0.15, y, half), "Held-out test set", test, last)
    return figure


def _lines(part: Part) -> list[str]:
    shown = [f"{name}: {count}" for name, count in list(part.classes.items())[:CLASSES]]
    if more := list(part.classes.values())[CLASSES:]:
        shown.append(f"other classes, {len(more)}: {sum(more)}")
    return [_counted(part.images, "image"), *_units(part).split(", "), "", *shown, ""]


def _wrapped(lines: Sequence[str], width: float) -> list[str]:
    """Lines no longer than a box of so many inches; an empty one stays, but for the last."""
    letters = int((width - 2 * PADDING) * 14.2)
    whole = [part for line in lines for part in (textwrap.wrap(line, letters) or [""])]
    return whole[:-1] if whole[-1] == "" else whole


def _height(lines: Sequence[str]) -> float:
    return (len(lines) + 1) * LINE + 2 * PADDING


def _box(
    axis: Axes,
    place: tuple[float, float, float],
    title: str,
    lines: Sequence[str],
    height: float = 0,
    kept: bool = True,
) -> float:
    """A box from its left upper corner, so many inches wide; where its lower edge is."""
    left, top, width = place
    height = max(height, _height(lines))
    border: dict[str, Any] = (
        {"edgecolor": PALETTE[0], "linewidth": 1.4} if kept else {"edgecolor": "0.35", "linestyle": "--"}
    )
    axis.add_patch(Rectangle((left, top - height), width, height, facecolor="white", zorder=2, **border))
    text: dict[str, Any] = {"ha": "left", "va": "top", "fontsize": FONT, "zorder": 3}
    axis.text(left + PADDING, top - PADDING, title, fontweight="bold", **text)
    for number, line in enumerate(lines, start=1):
        axis.text(left + PADDING, top - PADDING - number * LINE, line, **text)
    return top - height


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=style)
