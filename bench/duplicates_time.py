"""PYTHONPATH=src .venv/bin/python -m bench.duplicates_time [trial]

Time and memory of the search for copies and of the split on large sets: the hashes of 200,000 made-up images compared
in all orientations; the whole search (stages/duplicates.py) on the images of three real sets; the split
(stages/split.py) of the 200,000; and some hashes against a plain loop over pairs and orientations. Takes
data/prepared/NAME of br35h, sartaj and navoneel. Writes two tables of docs/benchmarks.md; where a limit is missed,
writes nothing and exits 1. `trial` is a run on few images made by code, which writes nothing.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from bench.page import BENCHMARKS, machine, publish, require_blocks
from bench.process import ROOT, run_python
from medtransfer import store

BLOCKS = ("copies", "hashes in a plain loop")
REAL = ("br35h", "sartaj", "navoneel")
MADE, SEARCHED = "made", "searched"  # data sets in the temporary folder
ROWS, FEW = 200_000, 7_000  # made-up images, and how many of them are compared with the plain loop
TRIAL_ROWS, TRIAL_FEW = 400, 200
SAMPLED = 100  # hashes that the plain loop compares
HASHES, SEARCH, SPLIT = "hashes, all orientations", "whole search, real images", "split and its audit"
LIMITS = {HASHES: (240, 2000), SEARCH: (180, 4000), SPLIT: (120, 4000)}  # seconds, megabytes
RESULTS = "results.json"


def main(trial: bool) -> None:
    """Each step in a process of its own, in a temporary folder."""
    require_blocks(BENCHMARKS, BLOCKS)
    rows, few = (TRIAL_ROWS, TRIAL_FEW) if trial else (ROWS, FEW)
    sources = [] if trial else [str(store.prepared(name).path.resolve()) for name in REAL]
    for name, source in zip(REAL, sources, strict=False):
        if not Path(source).exists():
            sys.exit(f"{source} is missing; make it: dvc exp run -S dataset={name} prepare")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(ROOT / "params.yaml", folder)
        run_python("-m", "bench.duplicates_time", "make", str(rows), *sources, folder=folder)
        usages = {
            HASHES: run_python("-m", "bench.duplicates_time", "hashes", folder=folder),
            SEARCH: run_python("-m", "stages.duplicates", SEARCHED, folder=folder),
            SPLIT: run_python("-m", "stages.split", MADE, folder=folder),
        }
        run_python("-m", "bench.duplicates_time", "loop", str(few), folder=folder)
        results = json.loads((folder / RESULTS).read_text())
    counts = {HASHES: (rows, results["hash pairs"]), SEARCH: (results["searched"], None), SPLIT: (rows, None)}
    steps = pd.DataFrame(
        {
            "Step": step,
            "Images": f"{counts[step][0]:,}",
            "Pairs found": "–" if counts[step][1] is None else f"{counts[step][1]:,}",
            "Seconds": f"{usage.seconds:.1f}",
            "Seconds of all cores": f"{usage.busy:.1f}",
            "Peak, MB": f"{usage.peak:,.0f}",
            "Limits": "{} s, {:,} MB".format(*LIMITS[step]),
            "Machine": machine(),
        }
        for step, usage in usages.items()
    )
    missed = [
        f"{step} took {value:,.0f} {unit}, more than {limit:,}"
        for step, usage in usages.items()
        for value, limit, unit in zip((usage.seconds, usage.peak), LIMITS[step], ("s", "MB"), strict=True)
        if value > limit
    ]
    publish(BENCHMARKS, {BLOCKS[0]: steps, BLOCKS[1]: _loop_table(results, few)}, trial, missed)


def _loop_table(results: dict[str, Any], few: int) -> pd.DataFrame:
    search, loop = results["search seconds"], results["loop seconds"]
    return pd.DataFrame(
        {
            "Images": [f"{few:,}"],
            "Search, seconds": [f"{search:.2f}"],
            "Plain loop, seconds": [f"{loop:,.0f}"],
            "From a sample of pairs": [f"{results['sample']:,}"],
            "Loop against search": [f"{loop / search:,.0f} ×"],
        }
    )


def make(rows: str, *sources: str) -> None:
    """An index of made-up images, with blank images; and the prepared images of several sets as one set.

    Without any sources, the second is some images of the embedded set.
    """
    import numpy as np
    from PIL import Image

    from bench.made_index import made_index
    from medtransfer.data.download.phantom import generate
    from medtransfer.data.duplicates.frames import SIDE
    from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
    from medtransfer.store.artefacts import Prepared

    store.prepared(MADE).index.write(made_index(int(rows)))
    np.lib.format.open_memmap(store.prepared(MADE).images.path, "w+", np.uint8, (int(rows), 16, 16, 1)).flush()
    sets = [Prepared(Path(source)) for source in sources]
    if sets:
        index = pd.concat([prepared.index.read() for prepared in sets], ignore_index=True)
        thumbnails = np.concatenate([prepared.thumbnails.read() for prepared in sets])
    else:
        images = [Image.fromarray(slice.image).resize((SIDE, SIDE)) for slice in generate(32, 8, 1, seed=7)]
        index = pd.DataFrame({"phash": [perceptual_hash(image) for image in images]})
        thumbnails = np.stack([np.asarray(image)[..., None] for image in images])
    store.prepared(SEARCHED).index.write(index)
    store.prepared(SEARCHED).thumbnails.write(thumbnails)
    _note({"searched": len(index)})


def hashes() -> None:
    """All pairs of close hashes, as the table that the split reads."""
    from medtransfer.data.duplicates.hamming import close_pairs
    from medtransfer.data.duplicates.perceptual_hash import parse
    from medtransfer.data.duplicates.search import COLUMNS, NOT_REGISTERED
    from medtransfer.store.records import Background

    near = close_pairs(parse(store.prepared(MADE).index.read()["phash"]), _distance())
    store.duplicates(MADE).pairs.write(pd.DataFrame(vars(near) | NOT_REGISTERED)[COLUMNS])
    store.duplicates(MADE).background.write(Background(0.0))
    _note({"hash pairs": len(near.first)})


def loop(few: str) -> None:
    """Seconds for all pairs of some hashes: the project's search, and a loop, extrapolated from a sample."""
    import numpy as np

    from medtransfer.data.duplicates.hamming import COMPLEMENTED, close_pairs
    from medtransfer.data.duplicates.perceptual_hash import parse, transposed

    count = int(few)
    words, distance = parse(store.prepared(MADE).index.read()["phash"].head(count)), _distance()
    start = time.perf_counter()
    close_pairs(words, distance)
    search = time.perf_counter() - start
    some = words[:SAMPLED]
    turned = [np.where(flip, ~either, either) for either in (some, transposed(some)) for flip in COMPLEMENTED]
    poses = [[int.from_bytes(row.tobytes()) for row in pose] for pose in turned]
    start = time.perf_counter()
    near = [
        min((poses[0][one] ^ pose[other]).bit_count() for pose in poses) <= distance
        for one, other in combinations(range(len(some)), 2)
    ]
    seconds = (time.perf_counter() - start) * (count * (count - 1) / 2) / len(near)
    _note({"search seconds": search, "loop seconds": seconds, "sample": len(near)})


def _distance() -> int:
    from medtransfer.settings.load import load_params

    return load_params().duplicates.hash_distance


def _note(results: dict[str, float]) -> None:
    """Add to the results in the temporary folder."""
    path = Path(RESULTS)
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | results))


STEPS: dict[str, Callable[..., None]] = {"make": make, "hashes": hashes, "loop": loop}

if __name__ == "__main__":
    match sys.argv[1:]:
        case [] | ["trial"]:
            main("trial" in sys.argv)
        case [step, *arguments] if step in STEPS:
            STEPS[step](*arguments)
        case _:
            sys.exit(__doc__)
