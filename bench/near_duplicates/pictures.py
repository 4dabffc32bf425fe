"""Which originals of several data sets are one picture, and which are kept together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.near_duplicates.images import Originals
from bench.near_duplicates.thresholds import Joined
from medtransfer.data.duplicates.components import first_alike
from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.split.pictures import Copies, copies
from medtransfer.settings.params import Duplicates


@dataclass(frozen=True)
class KnownPictures:
    """All originals, set after set."""

    hashes: list[str]
    thumbnails: NDArray[np.uint8]
    picture: NDArray[np.intp]
    group: NDArray[np.intp]
    used: Duplicates  # the thresholds of the set that has the highest


def known_pictures(sets: list[Originals], searched: list[Joined]) -> KnownPictures:
    """From the search within each set and, as public sets repeat one another, between one image a picture of each."""
    used = max((known.used for known in searched), key=lambda choice: choice.copy_similarity)
    index = pd.concat([known.index for known in sets], ignore_index=True).assign(patient="")
    thumbnails = np.concatenate([known.thumbnails for known in sets])
    numbers = np.repeat(np.arange(len(sets)), [len(known.index) for known in sets])
    starts = np.searchsorted(numbers, np.arange(len(sets)))
    pairs = pd.concat([_moved(known.candidates, start) for known, start in zip(searched, starts, strict=True)])
    if len(sets) > 1:
        one = np.flatnonzero(_first(copies(index, pairs, used)))
        hashes = index["phash"][one].tolist()
        between = find_copies(hashes, thumbnails[one], used.hash_distance, numbers[one]).pairs
        pairs = pd.concat([pairs, between.assign(first=one[between["first"]], second=one[between["second"]])])
    known = copies(index, pairs.reset_index(drop=True), used)
    return KnownPictures(index["phash"].tolist(), thumbnails, known.picture, known.group, used)


def _first(known: Copies) -> NDArray[np.bool_]:
    return first_alike(known.picture) == np.arange(len(known.picture))


def _moved(pairs: pd.DataFrame, start: int) -> pd.DataFrame:
    return pairs.assign(first=pairs["first"] + start, second=pairs["second"] + start)
