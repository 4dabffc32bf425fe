"""Which images show the same: identical pixels, near twins by perceptual hash, slices of one patient."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from medtransfer.data.hamming import Pairs, close_pairs, parse


@dataclass(frozen=True)
class Likeness:
    """What each image of an index shares with others. All arrays have a row per image."""

    pixels: NDArray[np.intp]  # number of its grey pixels: equal numbers, equal images
    patient: NDArray[np.intp]  # number of its patient; -1 where none is named
    hash: NDArray[np.intp]  # number of its perceptual hash
    pairs: Pairs  # numbers of different hashes that are near twins, and in how many bits they differ

    def within(self, distance: int) -> "Likeness":
        """The same, with a smaller distance for near twins."""
        first, second, bits = self.pairs
        near = bits <= distance
        return replace(self, pairs=(first[near], second[near], bits[near]))


def likeness(index: pd.DataFrame, twin_distance: int) -> Likeness:
    """Compare all images of an index (columns patient, sha256, phash); near twins differ in `twin_distance` bits."""
    numbers, hashes = pd.factorize(index["phash"])
    return Likeness(
        pixels=pd.factorize(index["sha256"])[0],
        patient=pd.factorize(index["patient"].replace("", None))[0],
        hash=numbers,
        pairs=close_pairs(parse(hashes), twin_distance),
    )


def groups(ids: pd.Series, alike: Likeness) -> pd.Series:
    """A group's name for every image: those that share a patient, their pixels or nearly so share a group.

    Sharing is passed on: two patients with one image in common are one group. The name is the id of
    the group's first image.
    """
    rows = np.arange(len(ids))
    first_of_hash = pd.Series(rows).groupby(alike.hash).first().to_numpy()
    links = [
        (rows, _first_alike(alike.pixels)),
        (rows, _first_alike(alike.patient)),
        (rows, first_of_hash[alike.hash]),
        (first_of_hash[alike.pairs[0]], first_of_hash[alike.pairs[1]]),
    ]
    starts, ends = (np.concatenate(side) for side in zip(*links, strict=True))
    graph = coo_matrix((np.ones(len(ends)), (starts, ends)), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    return pd.Series(ids.to_numpy()[_first_alike(component)], index=ids.index, name="group")


def conflicting(labels: pd.Series, alike: Likeness) -> NDArray[np.bool_]:
    """Whether an image's pixels occur under another label too."""
    return (labels.reset_index(drop=True).groupby(alike.pixels).transform("nunique") > 1).to_numpy()


def repetitions(labels: pd.Series, group: pd.Series, alike: Likeness) -> dict[str, int]:
    """How often images repeat, whatever the split."""
    copies, of_hash = np.bincount(alike.pixels), np.bincount(alike.hash)
    several = labels.groupby(group.to_numpy()).nunique() > 1
    first, second, _ = alike.pairs
    within_a_hash = (of_hash * (of_hash - 1) // 2).sum() - (copies * (copies - 1) // 2).sum()
    return {
        "exact_groups": int((copies > 1).sum()),
        "images_in_exact_groups": int(copies[copies > 1].sum()),
        "near_twin_pairs": int((of_hash[first] * of_hash[second]).sum() + within_a_hash),
        "near_twins_of_other_labels": int(_beside_another_label(labels, alike).sum()),
        "groups": int(group.nunique()),
        "conflicting_images": int(conflicting(labels, alike).sum()),
        "groups_of_several_labels": int(several.sum()),
    }


def _beside_another_label(labels: pd.Series, alike: Likeness) -> NDArray[np.bool_]:
    """Whether an image has a near twin, or the same pixels, under another label."""
    codes = pd.factorize(labels)[0]
    present = np.zeros((alike.hash.max() + 1, codes.max() + 1), dtype=bool)
    present[alike.hash, codes] = True
    reach = present.copy()
    first, second, _ = alike.pairs
    np.logical_or.at(reach, first, present[second])
    np.logical_or.at(reach, second, present[first])
    return reach[alike.hash].sum(axis=1) > 1


def _first_alike(numbers: NDArray[np.integer]) -> NDArray[np.intp]:
    """The first row that has the same number, for every row; a row without one (-1) is its own."""
    rows = pd.Series(np.arange(len(numbers)))
    first = rows.groupby(numbers).transform("first")
    return first.where(numbers >= 0, rows).to_numpy()
