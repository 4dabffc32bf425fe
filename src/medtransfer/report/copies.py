"""Copies as figures: pairs with the change between them in words, the copies of one picture, the largest groups."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.store.orientations import INVERSE, NAMES, oriented

COLUMNS = 4  # pairs in a row of the gallery
LONGEST = 26  # letters of a file's name in it
WIDEST = 34  # letters of a line under a pair
MANY = 24  # images of a picture or group that a sheet shows
ACROSS = 8  # of them in a row
GROUPS = 4  # largest groups on their sheet
LINE, LOWEST = 1.6, 1.85  # inches: a line of a sheet, and a sheet of one line, with its title and captions
# Changes too small to be named: degrees, and shares of the side.
ROTATED, ZOOMED, SHIFTED = 1.5, 0.02, 0.02


@dataclass(frozen=True)
class Pair:
    """Two images, the second turned as it matches: uint8, H x W x 1 or 3."""

    first: NDArray[np.uint8]
    second: NDArray[np.uint8]
    labels: tuple[str, str]
    names: tuple[str, str]
    change: str  # between the two, in words


@dataclass(frozen=True)
class Images:
    """The images of a data set, to take pairs from."""

    pixels: NDArray[np.uint8]  # N x H x W x 1 or 3
    ids: NDArray  # N
    labels: NDArray  # N

    def pairs(self, rows: pd.DataFrame, of_each: int, most: int) -> list[Pair]:
        """At most `most` pairs, `of_each` kind first: pairs of exact copies alone would show one picture twice."""
        later = rows.groupby("kind").cumcount() >= of_each
        chosen = rows.loc[later.sort_values(kind="stable").index].head(most)
        return [self._pair(row["first"], row["second"], row) for row in chosen.to_dict("records")]

    def _pair(self, first: int, second: int, row: Mapping[Any, Any]) -> Pair:
        turned = oriented(self.pixels[second], row["orientation"], axes=(0, 1))
        labels, names = (self.labels[first], self.labels[second]), (self.ids[first], self.ids[second])
        return Pair(self.pixels[first], turned, labels, names, change_in_words(row))


def change_in_words(pair: Mapping[Any, Any]) -> str:
    """The change between two copies: a row of `find_copies`, with its kind."""
    if pair["kind"] == "exact":
        return "same pixels"
    words = [] if pair["orientation"] == 0 else [NAMES[int(pair["orientation"])]]
    if pair["negative"]:
        words.append("negative")
    if pair["bits"] >= 0:
        return ", ".join([*words, f"{pair['bits']:.0f} of 256 bits differ"])
    if abs(pair["rotation"]) > ROTATED:
        words.append(f"rotated by {abs(pair['rotation']):.0f}°")
    if abs(pair["zoom"] - 1) > ZOOMED:
        words.append(f"zoomed by {pair['zoom'] - 1:+.0%}")
    if abs(pair["stretch"] - 1) > ZOOMED:
        words.append(f"stretched by {abs(pair['stretch'] - 1):.0%}")
    if pair["shift"] > SHIFTED:
        words.append(f"shifted by {pair['shift']:.0%}")
    return ", ".join([*words, f"similarity {pair['similarity']:.2f}"])


def gallery(rows: Mapping[str, Sequence[Pair]]) -> Figure:
    """A title and its pairs, four in a line: the first image (left) beside the second, turned as it matches (right).

    A title without pairs says so.
    """
    lines = [
        ((title if pairs else f"{title}: none") if start == 0 else "", pairs[start : start + COLUMNS])
        for title, pairs in rows.items()
        for start in range(0, max(len(pairs), 1), COLUMNS)
    ]
    heights = [2.5 if pairs else 0.3 for _, pairs in lines]
    figure, axes = plt.subplots(
        len(lines), COLUMNS, figsize=(2.6 * COLUMNS, sum(heights)), squeeze=False, height_ratios=heights
    )
    for line, (title, pairs) in zip(axes, lines, strict=True):
        for axis in line:
            axis.set_axis_off()
        line[0].set_title(title, loc="left", fontsize=10)
        for axis, pair in zip(line, pairs, strict=False):
            gap = np.full((pair.first.shape[0], max(2, pair.first.shape[1] // 40), 3), 255, np.uint8)
            axis.imshow(np.concatenate([_rgb(pair.first), gap, _rgb(pair.second)], axis=1))
            labels = pair.labels[0] if len(set(pair.labels)) == 1 else f"{pair.labels[0]} / {pair.labels[1]}!"
            text = "\n".join((labels, *textwrap.wrap(pair.change, WIDEST), *map(_short, pair.names)))
            axis.text(0.5, -0.03, text, transform=axis.transAxes, ha="center", va="top", fontsize=7)
    return figure


def copies_sheet(images: NDArray[np.uint8], picture: NDArray[np.intp], turn: NDArray[np.intp]) -> Figure:
    """One picture with its copies as they lie in the set: of those in most orientations, the one of most images."""
    sizes = np.bincount(picture)
    turns = pd.Series(turn).groupby(picture).nunique().to_numpy()  # pictures are numbered without gaps
    chosen = np.flatnonzero(picture == np.lexsort((-sizes, -turns))[0])
    shown = chosen[np.argsort(turn[chosen], kind="stable")]
    shown = shown[np.unique(np.linspace(0, len(shown) - 1, MANY).astype(int))]
    captions = [re.sub(" (to|by|at) ", r"\n\1 ", NAMES[INVERSE[turn[row]]]) for row in shown]
    return _sheet({f"one picture, {len(chosen)} images": (images[shown], captions)})


def groups_sheet(images: NDArray[np.uint8], group: NDArray[np.intp], labels: NDArray) -> Figure:
    """The largest groups, at even steps through each."""
    sizes = np.bincount(group)
    rows = {}
    for place, number in enumerate(np.argsort(-sizes, kind="stable")[:GROUPS], start=1):
        members = np.flatnonzero(group == number)
        shown = members[np.unique(np.linspace(0, len(members) - 1, MANY).astype(int))]
        rows[f"group {place} by size, {len(members)} images"] = (images[shown], list(labels[shown]))
    return _sheet(rows)


def _sheet(rows: Mapping[str, tuple[NDArray[np.uint8], Sequence[str]]]) -> Figure:
    lines = [
        (title if start == 0 else "", pictures[start : start + ACROSS], captions[start : start + ACROSS])
        for title, (pictures, captions) in rows.items()
        for start in range(0, len(pictures), ACROSS)
    ]
    height = max(LINE * len(lines), LOWEST)
    figure, axes = plt.subplots(len(lines), ACROSS, figsize=(1.2 * ACROSS, height), squeeze=False, layout="constrained")
    for line, (title, pictures, captions) in zip(axes, lines, strict=True):
        for axis in line:
            axis.set_axis_off()
        if title:
            line[0].set_title(title, loc="left", fontsize=9)
        for axis, pixels, caption in zip(line, pictures, captions, strict=False):
            axis.imshow(_rgb(pixels))
            axis.text(0.5, -0.03, caption, transform=axis.transAxes, ha="center", va="top", fontsize=7)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[-LONGEST:]}"


def _rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
