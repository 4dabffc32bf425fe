"""PYTHONPATH=src .venv/bin/python bench/near_twins.py [NAME ...]

Shows at how many differing bits of a perceptual hash two images are one picture: what the hash finds of small
changes, what it takes for twins that are none, and the distance that follows for split.twin_distance.

Takes data/raw/NAME.zip of data sets in the catalogue (by default the three below), and writes docs/near-twins.md and
docs/near-twins.png; with names of your own, tmp/near-twins.md and .png. Some three minutes on two cores.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from _changes import BEYOND, CHANGES, HASHES, USED, Collection, apart, collect
from _near_twins_figure import figure
from _near_twins_page import page
from numpy.typing import NDArray

from medtransfer import config, plotting
from medtransfer.data.duplicates import groups, likeness

SETS = ("br35h", "sartaj", "navoneel")
CONFLICT = 2  # bits: so near, two labels are two names for one picture
FARTHEST = 60  # bits, to which groups are followed at least
STEP = 2  # half of a hash's bits are set, or nearly so: two hashes mostly differ in an even number


@dataclass(frozen=True)
class Curve:
    """What a hash finds at every distance, of the sets together."""

    precision: NDArray[np.float64]  # found pairs made from one picture, among those and found pairs of two labels
    recall: NDArray[np.float64]
    false: NDArray[np.int64]  # pairs of two labels, known conflicts left out


@dataclass(frozen=True)
class Findings:
    """Every number that the page prints."""

    images: dict[str, int]
    made: int  # pairs made from one picture, of the changes that count
    changes: pd.DataFrame  # a row per change: recall (at the threshold), median, far (95 %), counted
    cross: dict[str, NDArray[np.int64]]  # by set: pairs of two labels at or below each distance, conflicts too
    cross_pairs: dict[str, int]  # by set: all pairs of two labels
    conflicts: int  # pairs of two labels within conflict_bits
    conflict_bits: int
    nearest: int  # bits: the closest pair of two labels but for the conflicts
    rule: int  # bits: the distance that follows
    threshold: int  # params.yaml's
    curves: dict[str, Curve]  # by hash
    chains: dict[str, pd.DataFrame]  # by set; index distance, columns groups and largest


def main() -> None:
    """Measure, write the page and its figure."""
    names = tuple(sys.argv[1:]) or SETS
    settings = config.load()
    for name in names:
        if not Path(f"data/raw/{name}.zip").exists():
            sys.exit(f"data/raw/{name}.zip is missing; fetch it: dvc exp run -S dataset={name}")
    collections = [collect(name, Path(f"data/raw/{name}.zip"), settings.dataset(name)) for name in names]
    found = findings(collections, settings.params.split.twin_distance)
    folder = Path("docs" if names == SETS else "tmp")
    plotting.write_png(folder / "near-twins.png", figure(found))
    (folder / "near-twins.md").write_text(page(found, looked_at=names == SETS))
    print(f"{folder}/near-twins.md: the rule gives {found.rule} bits, params.yaml has {found.threshold}")


def findings(collections: list[Collection], threshold: int) -> Findings:
    """All measurements of some data sets."""
    cross = {known.name: _cross(known) for known in collections}
    together = {hash: np.concatenate([distances[hash] for distances in cross.values()]) for hash in HASHES}
    conflict = together[USED] <= CONFLICT
    nearest = int(together[USED][~conflict].min())
    return Findings(
        images={known.name: len(known.index) for known in collections},
        made=sum(len(_moved(collections, USED, [change])) for change in CHANGES),
        changes=_changes(collections, threshold),
        cross={name: _up_to(distances[USED], 256) for name, distances in cross.items()},
        cross_pairs={name: len(distances[USED]) for name, distances in cross.items()},
        conflicts=int(conflict.sum()),
        conflict_bits=CONFLICT,
        nearest=nearest,
        rule=nearest - STEP,
        threshold=threshold,
        curves={hash: _curve(_moved(collections, hash, CHANGES), together[hash][~conflict]) for hash in HASHES},
        chains={known.name: _chains(known.index, max(FARTHEST, threshold)) for known in collections},
    )


def _cross(known: Collection) -> dict[str, NDArray[np.uint16]]:
    """By hash, the distances of all pairs of a set's images with different labels, in one order for all hashes."""
    labels = known.index["label"].to_numpy()
    pairs = list(combinations(np.unique(labels), 2))
    return {
        hash: np.concatenate([apart(rows[labels == one], rows[labels == other]) for one, other in pairs])
        for hash, rows in known.hashes.items()
    }


def _moved(collections: list[Collection], hash: str, changes: Iterable[str]) -> NDArray[np.uint16]:
    """Distances between images and their changed selves."""
    return np.concatenate([known.changed[hash][change] for known in collections for change in changes])


def _changes(collections: list[Collection], threshold: int) -> pd.DataFrame:
    rows = {}
    for change in CHANGES | BEYOND:
        bits = _moved(collections, USED, [change])
        steps = np.percentile(bits, [50, 95], method="higher")
        rows[change] = [(bits <= threshold).mean(), *steps, change in CHANGES, _up_to(bits, 256) / len(bits)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["recall", "median", "far", "counted", "curve"])


def _up_to(bits: NDArray[np.uint16], longest: int) -> NDArray[np.int64]:
    """How many distances are at or below 0, 1, ... bits."""
    return np.cumsum(np.bincount(bits, minlength=longest + 1))


def _curve(same: NDArray[np.uint16], different: NDArray[np.uint16]) -> Curve:
    right, false = _up_to(same, 256), _up_to(different, 256)
    precision = np.divide(right, right + false, out=np.ones(len(right)), where=right + false > 0)
    return Curve(precision, right / len(same), false)


def _chains(index: pd.DataFrame, farthest: int) -> pd.DataFrame:
    """How many groups the split stage would see at each distance, and how large the largest is."""
    alike = likeness(index, farthest)
    rows = {}
    for distance in range(farthest + 1):
        sizes = groups(index["id"], alike.within(distance)).value_counts()
        rows[distance] = (len(sizes), int(sizes.iloc[0]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["groups", "largest"])


if __name__ == "__main__":
    main()
