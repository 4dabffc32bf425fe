"""PYTHONPATH=src .venv/bin/python bench/near_twins.py [NAME ...]

Shows at how many differing bits of a perceptual hash two images are one picture: what the hash finds of small
changes, what it takes for twins that are none, and the distances that follow for split.twin_distance and
split.group_distance.

Takes data/raw/NAME.zip of data sets in the catalogue (by default the three below, and one made by code whose patients
are known), and writes docs/near-twins.md and docs/near-twins.png; with names of your own, tmp/near-twins.md and .png.
Some three minutes on two cores.
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
MADE = ("phantom",)  # made by code: no part of the rule, but its patients are known
CONFLICT = 2  # bits: so near, two labels are two names for one picture
FARTHEST = 60  # bits, to which groups are followed at least
STEP = 2  # half of a hash's bits are set, or nearly so: two hashes mostly differ in an even number


@dataclass(frozen=True)
class Curve:
    """What a hash finds at every distance, of the sets together."""

    precision: NDArray[np.float64]  # found pairs made from one picture, among those and found pairs of two labels
    recall: NDArray[np.float64]
    false: NDArray[np.int64]  # pairs of two labels at or below each distance, known conflicts left out

    @property
    def nearest(self) -> int | None:
        """Bits in which the closest false pair differs; None where there is no false pair at all."""
        return int(np.argmax(self.false > 0)) if self.false[-1] else None

    @property
    def rule(self) -> int | None:
        """The largest even distance without a false pair; None where nothing sets one, or even 0 bits are too many."""
        return (self.nearest - 1) // STEP * STEP if self.nearest else None


@dataclass(frozen=True)
class Findings:
    """Every number that the page prints."""

    images: dict[str, int]
    made: int  # pairs made from one picture, of the changes that count
    changes: pd.DataFrame  # a row per change: recall (at the threshold), median, far (95 %), counted
    cross: dict[str, NDArray[np.int64]]  # by set: pairs of two labels at or below each distance, conflicts too
    cross_pairs: dict[str, int]  # by set: all pairs of two labels
    yes_no: list[str]  # sets whose labels say only whether there is something
    by_code: tuple[str, ...]  # sets whose images are made
    patients: dict[str, dict[str, NDArray[np.int64]]]  # by set that names patients and by kind: pairs, as in cross
    conflicts: int  # pairs of two labels within conflict_bits
    conflict_bits: int
    threshold: int  # split.twin_distance of params.yaml
    grouped: int  # split.group_distance of params.yaml
    curves: dict[str, Curve]  # by hash
    held_out: dict[str, tuple[Curve, Curve]]  # by set, where there are several: of the others, and of the set alone
    chains: dict[str, pd.DataFrame]  # of all sets; index distance, columns groups, largest, mixed (labels' pairs)


def main() -> None:
    """Measure, write the page and its figure."""
    names = tuple(sys.argv[1:]) or SETS
    settings = config.load()
    made = MADE if names == SETS else ()
    for name in (*names, *made):
        if not Path(f"data/raw/{name}.zip").exists():
            sys.exit(f"data/raw/{name}.zip is missing; fetch it: dvc exp run -S dataset={name}")
    collections = [collect(name, Path(f"data/raw/{name}.zip"), settings.dataset(name)) for name in (*names, *made)]
    split = settings.params.split
    found = findings(collections[: len(names)], collections[len(names) :], split.twin_distance, split.group_distance)
    folder = Path("docs" if names == SETS else "tmp")
    plotting.write_png(folder / "near-twins.png", figure(found))
    (folder / "near-twins.md").write_text(page(found, looked_at=names == SETS))
    print(f"{folder}/near-twins.md: the rule gives {found.curves[USED].rule} bits, params.yaml has {found.threshold}")


def findings(collections: list[Collection], made: list[Collection], threshold: int, grouped: int) -> Findings:
    """All measurements of some data sets; of those made by code, only of their patients."""
    cross = {known.name: _cross(known) for known in collections}
    together = {hash: np.concatenate([distances[hash] for distances in cross.values()]) for hash in HASHES}
    conflict = together[USED] <= CONFLICT
    others = {known.name: [other for other in collections if other is not known] for known in collections}
    return Findings(
        images={known.name: len(known.index) for known in collections},
        made=sum(len(_moved(collections, USED, [change])) for change in CHANGES),
        changes=_changes(collections, threshold, grouped),
        cross={name: _up_to(distances[USED], 256) for name, distances in cross.items()},
        cross_pairs={name: len(distances[USED]) for name, distances in cross.items()},
        yes_no=[known.name for known in collections if known.yes_no],
        by_code=tuple(known.name for known in [*collections, *made] if known.by_code),
        patients={known.name: _patients(known) for known in [*collections, *made] if known.index["patient"].any()},
        conflicts=int(conflict.sum()),
        conflict_bits=CONFLICT,
        threshold=threshold,
        grouped=grouped,
        curves={hash: _curve(_moved(collections, hash, CHANGES), together[hash][~conflict]) for hash in HASHES},
        held_out={
            known.name: (_used(others[known.name], cross), _used([known], cross))
            for known in collections
            if others[known.name]
        },
        chains={known.name: _chains(known.index, max(FARTHEST, grouped)) for known in [*collections, *made]},
    )


def _cross(known: Collection) -> dict[str, NDArray[np.uint16]]:
    """By hash, the distances of all pairs of a set's images with different labels, in one order for all hashes.

    Pairs of one patient are left out, where patients are named.
    """
    labels, patient = known.index["label"].to_numpy(), _numbered(known)
    pairs = [(labels == one, labels == other) for one, other in combinations(np.unique(labels), 2)]
    kept = np.concatenate([(patient[one][:, None] != patient[other][None, :]).ravel() for one, other in pairs])
    return {
        hash: np.concatenate([apart(rows[one], rows[other]) for one, other in pairs])[kept]
        for hash, rows in known.hashes.items()
    }


def _patients(known: Collection) -> dict[str, NDArray[np.int64]]:
    """By kind, how many pairs of images whose patients are named are at or below each distance."""
    named = known.index["patient"].to_numpy() != ""
    labels, patient, hashes = known.index["label"].to_numpy()[named], _numbered(known)[named], known.hashes[USED][named]
    first, second = np.triu_indices(len(hashes), 1)
    bits = apart(hashes, hashes).reshape(len(hashes), len(hashes))[first, second]
    one_patient, one_label = patient[first] == patient[second], labels[first] == labels[second]
    kinds = {
        "One patient": one_patient,
        "Two patients, one label": ~one_patient & one_label,
        "Two patients, two labels": ~one_patient & ~one_label,
    }
    return {kind: _up_to(bits[chosen], 256) for kind, chosen in kinds.items()}


def _numbered(known: Collection) -> NDArray[np.intp]:
    """A number for each image's patient; an image without one has a number of its own."""
    patient = known.index["patient"]
    return pd.factorize(patient.where(patient != "", known.index["id"]))[0]


def _used(collections: list[Collection], cross: dict[str, dict[str, NDArray[np.uint16]]]) -> Curve:
    """What the used hash finds in some of the sets."""
    different = np.concatenate([cross[known.name][USED] for known in collections])
    return _curve(_moved(collections, USED, CHANGES), different[different > CONFLICT])


def _moved(collections: list[Collection], hash: str, changes: Iterable[str]) -> NDArray[np.uint16]:
    """Distances between images and their changed selves."""
    return np.concatenate([known.changed[hash][change] for known in collections for change in changes])


def _changes(collections: list[Collection], threshold: int, grouped: int) -> pd.DataFrame:
    rows = {}
    for change in CHANGES | BEYOND:
        bits = _moved(collections, USED, [change])
        steps = np.percentile(bits, [50, 95], method="higher")
        recalls = [(bits <= distance).mean() for distance in (threshold, grouped)]
        rows[change] = [*recalls, *steps, change in CHANGES, _up_to(bits, 256) / len(bits)]
    columns = ["recall", "grouped", "median", "far", "counted", "curve"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _up_to(bits: NDArray[np.uint16], longest: int) -> NDArray[np.int64]:
    """How many distances are at or below 0, 1, ... bits."""
    return np.cumsum(np.bincount(bits, minlength=longest + 1))


def _curve(same: NDArray[np.uint16], different: NDArray[np.uint16]) -> Curve:
    right, false = _up_to(same, 256), _up_to(different, 256)
    precision = np.divide(right, right + false, out=np.ones(len(right)), where=right + false > 0)
    return Curve(precision, right / len(same), false)


def _chains(index: pd.DataFrame, farthest: int) -> pd.DataFrame:
    """At each distance the split stage's groups: how many, how large, and how many pairs of two labels are in one."""
    alike = likeness(index, farthest)
    rows = {}
    for distance in range(farthest + 1):
        group = groups(index["id"], alike.within(distance))
        sizes, parts = group.value_counts(), index.groupby([group, "label"]).size()
        mixed = (int((sizes**2).sum()) - int((parts**2).sum())) // 2
        rows[distance] = (len(sizes), int(sizes.iloc[0]), mixed)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["groups", "largest", "mixed"])


if __name__ == "__main__":
    main()
