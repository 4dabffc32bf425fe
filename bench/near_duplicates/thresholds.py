"""How many images of two labels, or of two patients where these are known, each threshold joins as if copies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.near_duplicates.images import Originals
from medtransfer.data.duplicates.components import components
from medtransfer.data.duplicates.hamming import close_pairs
from medtransfer.data.duplicates.perceptual_hash import parse
from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.split.pictures import raised
from medtransfer.settings.params import Duplicates

DISTANCES = (12, 18, 24, 30, 36, 44)  # bits
SIMILARITIES = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
THUMBNAILS = (0.97, 0.98, 0.99)
HASH, COPY, GROUP, THUMBNAIL = "hash_distance", "copy_similarity", "group_similarity", "group_thumbnail"


@dataclass(frozen=True)
class Joined:
    """Of one data set."""

    name: str
    images: int
    kind: str  # of the pairs that are counted: label, patient
    pairs: int  # of two labels or patients, in all
    candidates: pd.DataFrame  # the pairs of `find_copies`
    background: float
    used: Duplicates  # the thresholds, raised where the background is high
    joined: pd.DataFrame  # index rule and threshold: direct (pairs), chained (pairs), parts, largest


def measure(known: Originals, choice: Duplicates) -> Joined:
    """The set's own search, as the pipeline does it, and what other thresholds would make of it."""
    kind = "patient" if (known.index["patient"] != "").all() else "label"
    sort = pd.factorize(known.index[kind])[0]
    search = find_copies(known.index["phash"].tolist(), known.thumbnails, choice.hash_distance)
    used = raised(choice, search.background)
    pairs = search.pairs
    by_hash = pairs["bits"] >= 0
    near = close_pairs(parse(known.index["phash"]), max(DISTANCES))
    rows: dict[tuple[str, float], tuple[int, ...]] = {}
    for distance in DISTANCES:
        within = near.bits <= distance
        rows[HASH, distance] = _joined(near.first[within], near.second[within], sort)
    for similarity in sorted({*SIMILARITIES, used.copy_similarity, used.group_similarity}):
        alike = by_hash | (pairs["similarity"] >= similarity)
        rows[COPY, similarity] = _joined(*_ends(pairs[alike]), sort)
        alike |= pairs["thumbnail"] >= choice.group_thumbnail
        rows[GROUP, similarity] = _joined(*_ends(pairs[alike]), sort)
    for thumbnail in THUMBNAILS:
        alike = by_hash | (pairs["similarity"] >= used.group_similarity) | (pairs["thumbnail"] >= thumbnail)
        rows[THUMBNAIL, thumbnail] = _joined(*_ends(pairs[alike]), sort)
    joined = pd.DataFrame.from_dict(rows, orient="index", columns=["direct", "chained", "parts", "largest"])
    total = _pairs(np.array([len(sort)])) - _pairs(np.bincount(sort))
    return Joined(known.name, len(sort), kind, total, pairs, search.background, used, joined)


def _joined(first: NDArray[np.intp], second: NDArray[np.intp], sort: NDArray[np.intp]) -> tuple[int, ...]:
    """Pairs of two sorts among these, and in one component of them; components, and images in the largest."""
    part = components(len(sort), first, second)
    sizes = np.bincount(part)
    chained = _pairs(sizes) - _pairs(np.unique(np.stack([part, sort]), axis=1, return_counts=True)[1])
    return int((sort[first] != sort[second]).sum()), chained, len(sizes), int(sizes.max())


def _pairs(sizes: NDArray[np.integer]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _ends(pairs: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return pairs["first"].to_numpy(np.intp), pairs["second"].to_numpy(np.intp)
