"""PYTHONPATH=src .venv/bin/python bench/copies_time.py [trial]

Shows what the search for copies and the split take on large sets: the hashes of 200,000 made-up images compared in all
orientations; 7,000 hashes, against a plain loop over pairs and orientations; the whole search on 7,000 images, real
ones where data/prepared/ has br35h, sartaj and navoneel; and each step of the split stage on an index of 200,000.
Where a limit is missed, prints the tables, writes nothing and exits 1. `trial` is a run with few images that writes
nothing.

Left out, of what stages/split.py does: Python's start and imports, opening images.npy, drawing figures, and writing
files. There is no `shipped` strategy, as the index names no parts; its pairs are those by hash.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _made_index import made_index
from _table import machine, peak_mb, publish, table
from numpy.typing import NDArray

ROWS, FEW = 200_000, 7_000
TRIAL = 5_000, 300
HASH_SECONDS, HASH_MEGABYTES = 240, 2000  # that all hashes may take
SEARCH_SECONDS = 180  # that the whole search may take
SPLIT_SECONDS = 60  # that all steps of the split may take
REAL = ("br35h", "sartaj", "navoneel")
ROTATED = 3  # degrees, of images that are repeated to reach FEW
MADE = 100  # images, where there are no real ones: all of these are so alike that few pairs are given up early
SAMPLED = 100  # hashes that the plain loop compares


def main(rows: int = ROWS, few: int = FEW) -> None:
    """Each in a process of its own, so that the memory of one is not the other's."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            subprocess.run([sys.executable, __file__, task, folder, str(rows), str(few)], check=True)
            found[task] = json.loads(Path(folder, f"{task}.json").read_text())
    hashes, loop, searched, steps = (found[task] for task in ("hashes", "loop", "search", "split"))
    seconds, busy = (sum(times) for times in zip(*steps["steps"].values(), strict=True))
    listed = steps["steps"] | {"**all**": (seconds, busy)}
    split_rows = [(step, *(f"{took:.1f}" for took in times)) for step, times in listed.items()]
    section = (
        "## Searching for copies\n\n"
        + table(
            ("Step", "Images", "Seconds", "Peak, MB", "Limits"),
            [
                ("hashes, all orientations", f"{rows:,}", f"{hashes['seconds']:.0f}", f"{hashes['peak']:,.0f}",
                 f"{HASH_SECONDS} s, {HASH_MEGABYTES:,} MB"),
                (f"whole search, {searched['what']}", f"{searched['images']:,}", f"{searched['seconds']:.0f}",
                 f"{searched['peak']:,.0f}", f"{SEARCH_SECONDS} s"),
            ],
        )
        + f"\n\n{hashes['pairs']:,} pairs of made-up hashes are within {hashes['distance']} bits. The whole search "
        f"found {searched['by_hash']:,} pairs by hash, and {searched['registered']:,} by registration.\n\n"
        f"Hashes alone, {few:,} images: {loop['fast']:.2f} s. A plain loop over pairs and orientations, from a sample "
        f"of {loop['sample']:,} pairs: {loop['slow']:,.0f} s, **{loop['slow'] / loop['fast']:,.0f} ×** as long.\n\n"
        f"### Splitting {rows:,} images\n\n{table(('Step', 'Seconds', 'Seconds of all cores'), split_rows)}\n\n"
        f"Peak memory {steps['peak']:,.0f} MB. {steps['groups']:,} groups, {steps['largest']:,} images in the largest. "
        f"Limit: {SPLIT_SECONDS} s. Left out: Python's start, imports, figures, and writing files.\n\n"
        f"Measured on: {machine()}."
    )  # fmt: skip
    if rows != ROWS:
        print(section)
        return
    limits = [
        ("hashes", hashes["seconds"], HASH_SECONDS, "s"),
        ("hashes", hashes["peak"], HASH_MEGABYTES, "MB"),
        ("the whole search", searched["seconds"], SEARCH_SECONDS, "s"),
        ("the split", seconds, SPLIT_SECONDS, "s"),
    ]
    publish(
        "copies",
        section,
        [
            f"{what} took {value:,.0f} {unit}, more than {limit:,}"
            for what, value, limit, unit in limits
            if value > limit
        ],
    )


def make(folder: Path, rows: int, few: int) -> dict[str, Any]:
    """The index, as a file."""
    made_index(rows).to_csv(folder / "index.csv", index=False)
    return {}


def hashes(folder: Path, rows: int, few: int) -> dict[str, Any]:
    """All pairs of close hashes, and the table that they become."""
    from medtransfer.data.duplicates.hamming import close_pairs
    from medtransfer.data.duplicates.perceptual_hash import parse
    from medtransfer.data.duplicates.search import COLUMNS, NOT_REGISTERED
    from medtransfer.store import formats

    words, distance = parse(formats.read_table(folder / "index.csv")["phash"]), _distance()
    start = time.perf_counter()
    near = close_pairs(words, distance)
    seconds = time.perf_counter() - start
    peak = peak_mb(resource.RUSAGE_SELF)
    formats.write_table(folder / "pairs.csv", pd.DataFrame(vars(near) | NOT_REGISTERED)[COLUMNS])
    return {"seconds": seconds, "peak": peak, "pairs": len(near.first), "distance": distance}


def loop(folder: Path, rows: int, few: int) -> dict[str, Any]:
    """Seconds for all pairs of some hashes: the project's search, and a loop, extrapolated from a sample."""
    from medtransfer.data.duplicates.hamming import COMPLEMENTED, close_pairs
    from medtransfer.data.duplicates.perceptual_hash import parse, transposed

    words, distance = parse(pd.read_csv(folder / "index.csv", nrows=few)["phash"]), _distance()
    start = time.perf_counter()
    close_pairs(words, distance)
    fast = time.perf_counter() - start
    some = words[:SAMPLED]
    turned = [np.where(flip, ~either, either) for either in (some, transposed(some)) for flip in COMPLEMENTED]
    poses = [[int.from_bytes(row.tobytes()) for row in pose] for pose in turned]
    start = time.perf_counter()
    near = [
        min((poses[0][one] ^ pose[other]).bit_count() for pose in poses) <= distance
        for one, other in combinations(range(len(some)), 2)
    ]
    slow = (time.perf_counter() - start) * (few * (few - 1) / 2) / len(near)
    return {"fast": fast, "slow": slow, "sample": len(near)}


def search(folder: Path, rows: int, few: int) -> dict[str, Any]:
    """Both steps on thumbnails."""
    from medtransfer.data.duplicates.search import find_copies

    what, hashes, thumbnails = _thumbnails(few)
    start = time.perf_counter()
    pairs = find_copies(hashes, thumbnails, _distance()).pairs
    found = {"seconds": time.perf_counter() - start, "peak": peak_mb(resource.RUSAGE_SELF), "what": what}
    by_hash = int((pairs["bits"] >= 0).sum())
    return found | {"images": len(hashes), "by_hash": by_hash, "registered": len(pairs) - by_hash}


def _thumbnails(few: int) -> tuple[str, list[str], NDArray[np.uint8]]:
    """Of real images and, where these are too few, some of them rotated a little; of made ones where there are none."""
    from PIL import Image

    from medtransfer.data.download.phantom import generate
    from medtransfer.data.duplicates.frames import SIDE
    from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
    from medtransfer.store import formats

    folders = [Path(f"data/prepared/{name}") for name in REAL]
    if all((folder / "thumbnails.npy").exists() for folder in folders):
        what = "real images"
        hashes = [text for folder in folders for text in formats.read_table(folder / "index.csv")["phash"]][:few]
        found = np.concatenate([formats.read_array(folder / "thumbnails.npy")[..., 0] for folder in folders])[:few]
        more = [
            Image.fromarray(image).rotate(ROTATED, Image.Resampling.BILINEAR) for image in found[: few - len(found)]
        ]
    else:
        what, hashes, found = "made-up images", [], np.zeros((0, SIDE, SIDE), np.uint8)
        slices = generate(64, MADE, 1, seed=7)
        more = [Image.fromarray(one.image).resize((SIDE, SIDE)) for one in slices]
    hashes += [perceptual_hash(image) for image in more]
    return what, hashes, np.concatenate([found, *(np.asarray(image)[None] for image in more)])


def split(folder: Path, rows: int, few: int) -> dict[str, Any]:
    """The steps of stages/split.py, each timed."""
    from medtransfer.data.split.audit import audit, closest_apart, copies_in_development, torn, worst_copies
    from medtransfer.data.split.pictures import conflicting, copies, group_names, repetitions
    from medtransfer.data.split.split import count_pictures, split, uneven_parts
    from medtransfer.settings.load import load
    from medtransfer.store import formats

    settings = load().params
    choice = settings.split
    steps: dict[str, tuple[float, float]] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        before = steps.get(step, (0, 0))
        steps[step] = (before[0] + time.perf_counter() - start, before[1] + time.process_time() - busy)

    with timed("read index and pairs"):
        index, pairs = (formats.read_table(folder / name) for name in ("index.csv", "pairs.csv"))
    with timed("pictures and groups"):
        found = copies(index, pairs, settings.duplicates)
        group, labels = group_names(index["id"], found), index["label"].to_numpy()
        dropped = conflicting(index["label"], found)
    for strategy in ("grouped", "random"):
        tried = choice.model_copy(update={"strategy": strategy})
        with timed(f"split: {strategy}"):
            table = split(index, group, tried, settings.seed, dropped, found.picture)
        partition = table["partition"].to_numpy()
        with timed("audit of both"):
            copies_in_development(partition, found)
            audit(partition, found)
        with timed("worst copies of both"):
            between = torn(partition, pairs)
            if worst_copies(between, labels, found).empty:
                closest_apart(between, labels, found)
        with timed("pictures of each part"):
            count_pictures(table)
            uneven_parts(table, tried)
    with timed("repetitions"):
        repetitions(index["label"], found)
    sizes = np.bincount(found.group)
    peak = peak_mb(resource.RUSAGE_SELF)
    return {"steps": steps, "peak": peak, "groups": len(sizes), "largest": int(sizes.max())}


def _distance() -> int:
    from medtransfer.settings.load import load

    return load().params.duplicates.hash_distance


TASKS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    "make": make, "hashes": hashes, "loop": loop, "search": search, "split": split
}  # fmt: skip


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["trial"]:
            main(*TRIAL)
        case [task, folder, rows, few]:
            found = TASKS[task](Path(folder), int(rows), int(few))
            Path(folder, f"{task}.json").write_text(json.dumps(found))
        case _:
            sys.exit(__doc__)
