"""Which changed images are found among the originals, by hash alone and by registration too."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.near_duplicates.changes import CHANGES
from bench.near_duplicates.images import Changed
from bench.near_duplicates.pictures import KnownPictures
from bench.near_duplicates.thresholds import DISTANCES
from medtransfer.data.duplicates.hamming import close_pairs
from medtransfer.data.duplicates.perceptual_hash import parse
from medtransfer.data.duplicates.search import find_copies

PORTION = 2500  # changed images searched for at a time: more would crowd one another out of the originals' candidates


@dataclass(frozen=True)
class Recall:
    """The shares of changed images that the search finds."""

    by_change: pd.DataFrame  # a row a change: goal, images, and by `turned` (False, True) hash, copy, together
    by_distance: pd.DataFrame  # index DISTANCES; shares found by hash: orientation, saved, goal, all
    registered: int  # changed images that the hash does not find
    mistaken: pd.Series  # by change, images that are called copies of another group's picture


def measure(truth: KnownPictures, changes: Changed) -> Recall:
    """Search all originals for the changed images, which are found where a pair leads to their own picture."""
    choice = truth.used
    source = changes.table["source"].to_numpy()

    near = close_pairs(parse(changes.hashes), max(*DISTANCES, choice.hash_distance), parse(truth.hashes))
    own = truth.picture[near.second] == truth.picture[source[near.first]]
    bits = np.full(len(source), 256)
    np.minimum.at(bits, near.first[own], near.bits[own])
    strange = truth.group[near.second] != truth.group[source[near.first]]
    mistaken = np.zeros(len(source), bool)
    mistaken[near.first[strange & (near.bits <= choice.hash_distance)]] = True

    by_hash = bits <= choice.hash_distance
    similarity, together = np.full(len(source), -1.0), by_hash.copy()
    rest = np.flatnonzero(~by_hash)
    portions = ceil(len(rest) / PORTION)
    for number in range(portions):
        rows = rest[number::portions]  # sorted by picture, so that each portion has as few of one as can be
        pairs = _searched(truth, changes, rows)
        row, original = pairs["row"].to_numpy(), pairs["original"].to_numpy()
        own = truth.picture[original] == truth.picture[source[row]]
        np.maximum.at(similarity, row[own], pairs["similarity"].to_numpy()[own])
        alike = (pairs["similarity"] >= choice.group_similarity) | (pairs["thumbnail"] >= choice.group_thumbnail)
        together[row[own & alike]] = True
        strange = (truth.group[original] != truth.group[source[row]]) & (pairs["similarity"] >= choice.copy_similarity)
        mistaken[row[strange]] = True
        print(f"portion {number + 1} of {portions}: {len(rows)} images", flush=True)
    copy = by_hash | (similarity >= choice.copy_similarity)
    table = changes.table.assign(bits=bits, hash=by_hash, copy=copy, together=together | copy, mistaken=mistaken)
    return Recall(_by_change(table), _by_distance(table), len(rest), table.groupby("change")["mistaken"].sum())


def _searched(truth: KnownPictures, changes: Changed, rows: NDArray[np.intp]) -> pd.DataFrame:
    """The pairs of a changed image (its row) and an original that registration finds."""
    count = len(truth.hashes)
    together = np.concatenate([truth.thumbnails, changes.thumbnails[rows]])
    sets = np.repeat([0, 1], [count, len(rows)])
    hashes = truth.hashes + [changes.hashes[row] for row in rows]
    pairs = find_copies(hashes, together, truth.used.hash_distance, sets).pairs
    first, second = (pairs[side].to_numpy() for side in ("first", "second"))
    equal = dict(zip(second[first >= count], first[first >= count], strict=True))  # hashes: one of them is searched
    looked_at = np.array([equal.get(place, place) for place in range(count, len(together))])
    between = pairs[(first < count) & (second >= count)].rename(columns={"first": "original"})
    places = pd.DataFrame({"row": rows, "second": looked_at})
    return between.merge(places, on="second")


def _by_change(table: pd.DataFrame) -> pd.DataFrame:
    means = table.groupby(["change", "turned"])[["hash", "copy", "together"]].mean()
    shares = pd.DataFrame(means.unstack("turned"))
    shares["goal"] = [CHANGES[number].goal for number in shares.index]
    shares["images"] = table.groupby("change")["source"].nunique()
    return shares.rename(index=lambda number: CHANGES[number].name)


def _by_distance(table: pd.DataFrame) -> pd.DataFrame:
    names = np.array([change.name for change in CHANGES])[table["change"]]
    goals = np.array([change.goal or 0 for change in CHANGES])[table["change"]]
    poses = np.array([not change.turned for change in CHANGES])[table["change"]]
    saved = np.array([name.startswith("JPEG") for name in names])
    rows = {}
    for distance in DISTANCES:
        near = (table["bits"] <= distance).to_numpy()
        rows[distance] = [near[poses].mean(), near[saved].mean(), near[goals == 0.99].mean(), near.mean()]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["orientation", "saved", "goal", "all"])
