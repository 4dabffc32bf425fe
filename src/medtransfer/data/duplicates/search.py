"""Which images of a set are one picture, in any orientation: by perceptual hash, then by registration."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.data.duplicates.candidates import Descriptors, Known, Start, candidates, describe
from medtransfer.data.duplicates.components import components, first_alike
from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.duplicates.hamming import close_pairs
from medtransfer.data.duplicates.perceptual_hash import parse
from medtransfer.data.duplicates.registration import Prepared, Registered, prepared, register
from medtransfer.store.orientations import ALL, INVERSE, UPRIGHT, matrix, oriented

NEAREST = 8  # candidates of an image in each frame
MEMBERS = 3  # images of a chain of close hashes that are registered: the others look like these
SAMPLED, FEW = 50, 8  # images whose pairs tell the background; fewer than eight tell nothing
PAIRS = 300  # about so many of these pairs are registered: the median of all 1,225 is the same within 0.003
BATCH = 256  # pairs that a thread registers at a time
READY = 8192  # images that are kept ready for registration, 150 kB each
CERTAIN = 0.9  # similarity from which a pair is not registered from another start
# Similarity after the second step of registration below which a pair is given up. Where unlike images are alike, how
# far above these it has to be by Fisher's z. Of 1,925 changed copies of real images, none had less than 0.7. Were
# unlike images as alike as 0.5 to 0.8, one of these copies would be lost.
FLOOR, MARGIN = 0.6, 0.4
SAME_START = 5.0  # pixels of 128 at a corner within which two starts end in one registration
NOT_CLOSE = -1  # bits of a pair that registration alone gives
COARSE = 32  # pixels a side of the thumbnails that are correlated as they are
NOT_REGISTERED = {"similarity": 0.0, "thumbnail": 0.0, "rotation": 0.0, "zoom": 1.0, "stretch": 1.0, "shift": 0.0}
CORNERS = np.array([[0, SIDE - 1, 0, SIDE - 1], [0, 0, SIDE - 1, SIDE - 1], [1, 1, 1, 1]])  # of a thumbnail
COLUMNS = ["first", "second", "bits", "orientation", "negative", *NOT_REGISTERED]


@dataclass(frozen=True)
class Match:
    """Two images, and how the second lies over the first."""

    first: int
    second: int
    registered: Registered


@dataclass(frozen=True)
class Search:
    """The result of a search for copies."""

    pairs: pd.DataFrame  # see `find_copies`
    background: float  # similarity of unlike images once they are registered: see `_background`


def find_copies(
    hashes: Sequence[str],
    thumbnails: NDArray[np.uint8],
    hash_distance: int,
    sets: NDArray[np.intp] | None = None,
    known: Known | None = None,
) -> Search:
    """Pairs of N images that are, or may be, one picture; a row a pair, sorted by first and second (row numbers).

    `hashes` in hex; thumbnails N x 128 x 128. With `sets`, a number for each image, only pairs of two
    sets, and those within a set whose hashes are equal. `known` keeps descriptors for further searches.

    - bits: in which their hashes differ, for pairs within `hash_distance`; these are not registered. Else -1.
    - orientation, negative: how the second is turned to look like the first.
    - similarity: correlation of their local contrast after registration, from FLOOR to 1.
    - thumbnail: correlation of the two as they are, one of them turned.
    - rotation (degrees), zoom, stretch (of width against height), shift (share of the side): by registration.
    Where bits is given, the last six are those of NOT_REGISTERED.
    """
    looks, repeated = _looks(hashes, sets)
    of_set = None if sets is None else sets[looks]
    close = _close(parse([hashes[row] for row in looks]), hash_distance, of_set)
    apart = components(len(looks), close["first"].to_numpy(), close["second"].to_numpy())
    kept = np.flatnonzero(pd.Series(apart).groupby(apart).cumcount() < MEMBERS)
    registered, background = _registered(
        np.ascontiguousarray(thumbnails[looks[kept]]), apart[kept], None if of_set is None else of_set[kept], known
    )
    registered[["first", "second"]] = kept[registered[["first", "second"]].to_numpy(np.intp)]
    pairs = pd.concat([part for part in (close, registered) if len(part)] or [close])
    pairs[["first", "second"]] = looks[pairs[["first", "second"]].to_numpy(np.intp)]
    pairs = pd.concat([part for part in (repeated, pairs) if len(part)] or [repeated])
    pairs = pairs[COLUMNS].astype(dict.fromkeys(("first", "second", "bits", "orientation"), int) | {"negative": bool})
    return Search(pairs.sort_values(["first", "second"], kind="stable").reset_index(drop=True), background)


def _looks(hashes: Sequence[str], sets: NDArray[np.intp] | None) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """The first row of every hash (in every set), and pairs of these and the other rows with their hash."""
    table = pd.DataFrame({"hash": list(hashes), "set": 0 if sets is None else sets})
    first = first_alike(table.groupby(["hash", "set"]).ngroup().to_numpy())
    own = first == np.arange(len(table))
    repeated = pd.DataFrame({"first": first[~own], "second": np.flatnonzero(~own)})
    return np.flatnonzero(own), repeated.assign(bits=0, orientation=UPRIGHT, negative=False, **NOT_REGISTERED)


def _close(hashes: NDArray[np.uint64], distance: int, sets: NDArray[np.intp] | None) -> pd.DataFrame:
    """Pairs by hash alone."""
    near = close_pairs(hashes, distance)
    table = pd.DataFrame(vars(near)).assign(**NOT_REGISTERED)
    return table if sets is None else table[sets[near.first] != sets[near.second]]


def _registered(
    thumbnails: NDArray[np.uint8], apart: NDArray, sets: NDArray[np.intp] | None, known: Known | None
) -> tuple[pd.DataFrame, float]:
    """Pairs by registration of the most alike images that no chain of hashes joins, and their background."""
    described = describe(thumbnails, known)
    starts = candidates(described, NEAREST, apart, sets)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ready = lru_cache(READY)(lambda row: prepared(thumbnails[row]))
        background = _background(described, ready, pool)
        least = max(FLOOR, float(np.tanh(np.arctanh(max(background, 0.0)) + MARGIN)))
        batches = [starts[begin : begin + BATCH] for begin in range(0, len(starts), BATCH)]
        work = tqdm(pool.map(lambda batch: [_best(pair, ready, least) for pair in batch], batches), total=len(batches),
                    desc="register", unit=f"{BATCH} pairs")  # fmt: skip
        matches = [match for batch in work for match in batch if match is not None]
    rows = [_row(match) for match in matches]
    pairs = pd.DataFrame(rows, columns=COLUMNS)
    return pairs.assign(thumbnail=_thumbnails_correlated(thumbnails, pairs)), background


def _background(described: Descriptors, ready: Callable[[int], Prepared], pool: ThreadPoolExecutor) -> float:
    """Median similarity of pairs of a few images at even steps through the set, 0 where a pair is given up.

    Not of the candidates: in a set where every picture has a dozen copies, these are copies.
    """
    count = len(described.maps["content"])
    if count < FEW:
        return 0.0
    rows = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
    sample = Descriptors(
        {frame: vectors[rows] for frame, vectors in described.vectors.items()},
        {frame: maps[rows] for frame, maps in described.maps.items()},
    )
    pairs = candidates(sample, len(rows) - 1, np.arange(len(rows)), unlike=True)
    sampled = [ready(row) for row in rows.tolist()]
    every = max(1, round(len(pairs) / PAIRS))
    matches = pool.map(lambda starts: _best(starts, sampled.__getitem__), pairs[::every])
    return float(np.median([0.0 if match is None else match.registered.similarity for match in matches]))


def _best(starts: list[Start], ready: Callable[[int], Prepared], least: float = -1.0) -> Match | None:
    """The best of a pair's registrations, from each start until one is certain."""
    best: Match | None = None
    for place, start in enumerate(starts):
        if any(_same(start, other) for other in starts[:place]):
            continue
        registered = register(ready(start.first), ready(start.second), start, least)
        if registered is not None and (best is None or registered.similarity > best.registered.similarity):
            best = Match(start.first, start.second, registered)
            if registered.similarity > CERTAIN:
                break
    return best


def _same(one: Start, other: Start) -> bool:
    """Whether two starts of a pair lay one image over the other in nearly the same way."""
    if one.negative != other.negative:
        return False
    map = other.map if one.first == other.first else np.linalg.inv(other.map)
    return bool(np.abs((one.map - map)[:2] @ CORNERS).max() < SAME_START)


def _thumbnails_correlated(thumbnails: NDArray[np.uint8], pairs: pd.DataFrame) -> NDArray[np.float64]:
    """Correlation of the whole images of each pair, as coarse thumbnails, without registration."""
    block = SIDE // COARSE
    blocks = thumbnails.reshape(-1, COARSE, block, COARSE, block)
    means = blocks.mean(axis=(2, 4), dtype=np.float32)
    centred = means - means.mean(axis=(1, 2), keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=(1, 2), keepdims=True))
    coarse = centred / np.maximum(lengths, 1e-6)
    first, second, orientation = (pairs[name].to_numpy(np.intp) for name in ("first", "second", "orientation"))
    correlations = np.zeros(len(pairs), np.float64)
    for turn in ALL:
        of = orientation == turn
        correlations[of] = (coarse[first[of]] * oriented(coarse[second[of]], turn)).sum(axis=(1, 2))
    return correlations


def _row(match: Match) -> dict[str, float]:
    """A match as a row of the table, the earlier image first, with its map in terms that a person can read."""
    first, second = match.first, match.second
    map: NDArray = match.registered.map
    if first > second:
        first, second, map = second, first, np.linalg.inv(map)
    orientation = min(ALL, key=lambda number: float(np.abs(map[:2, :2] - matrix(number, SIDE)[:2, :2]).sum()))
    rest = np.linalg.inv(matrix(orientation, SIDE)) @ map
    middle = np.array([(SIDE - 1) / 2, (SIDE - 1) / 2, 1])
    across, down = np.linalg.norm(rest[:2, 0]), np.linalg.norm(rest[:2, 1])
    return {
        "first": first,
        "second": second,
        "bits": NOT_CLOSE,
        "similarity": match.registered.similarity,
        "orientation": int(INVERSE[orientation]),
        "negative": match.registered.negative,
        "rotation": float(np.degrees(np.arctan2(rest[1, 0] - rest[0, 1], rest[0, 0] + rest[1, 1]))),
        "zoom": float(np.sqrt(abs(np.linalg.det(rest[:2, :2])))),
        "stretch": float(across / down),
        "shift": float(np.linalg.norm((rest @ middle - middle)[:2]) / SIDE),
    }
