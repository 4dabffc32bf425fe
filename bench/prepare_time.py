"""PYTHONPATH=src .venv/bin/python -m bench.prepare_time [trial]

Time and memory of preparing a real archive, data/raw/sartaj.zip: medtransfer.data.prepare.prepare against the plain
loop that one would write instead, which decodes every image twice and keeps all of them in a list. Each runs in a
process of its own. Writes a table of docs/benchmarks.md; where prepare misses its limits, writes nothing and exits 1.
`trial` is a run on some images made by code, which writes nothing.
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd

from bench.page import BENCHMARKS, machine, publish, require_blocks
from bench.process import Usage, run_python
from medtransfer import store

BLOCK = "prepare"
REAL, MADE = "sartaj", "phantom"
SECONDS, MEGABYTES = 25, 1500  # limits of prepare
PREPARE, LOOP = "prepare", "loop"


def main(trial: bool) -> None:
    """One process each; the archive is in the system's cache before."""
    require_blocks(BENCHMARKS, [BLOCK])
    dataset = MADE if trial else REAL
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "made.zip") if trial else store.archive(REAL).resolve()
        if trial:
            run_python("-m", "bench.prepare_time", "make", str(archive), dataset)
        elif not archive.exists():
            sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset={REAL} download")
        _read_once(archive)
        usages = {side: run_python("-m", "bench.prepare_time", side, str(archive), dataset) for side in (PREPARE, LOOP)}
    ours = usages[PREPARE]
    missed = [
        f"{PREPARE} took {value:,.1f} {unit}, more than {limit:,}"
        for value, limit, unit in ((ours.seconds, SECONDS, "s"), (ours.peak, MEGABYTES, "MB"))
        if value > limit
    ]
    publish(BENCHMARKS, {BLOCK: _table(usages)}, trial, missed)


def _table(usages: dict[str, Usage]) -> pd.DataFrame:
    ours = usages[PREPARE]
    limits = {PREPARE: f"{SECONDS} s, {MEGABYTES:,} MB"}
    return pd.DataFrame(
        {
            "Measured": {PREPARE: "prepare", LOOP: "plain loop"}[side],
            "Seconds": f"{usage.seconds:.1f}",
            "Seconds of all cores": f"{usage.busy:.1f}",
            "Peak, MB": f"{usage.peak:,.0f}",
            "Time against prepare": f"{usage.seconds / ours.seconds:.1f} ×",
            "Memory against prepare": f"{usage.peak / ours.peak:.1f} ×",
            "Limits": limits.get(side, "–"),
            "Machine": machine(),
        }
        for side, usage in usages.items()
    )


def _read_once(archive: Path) -> None:
    """In pieces: `run_python` counts this process's memory in its children's."""
    with archive.open("rb") as file:
        while file.read(2**20):
            pass


def make(archive: Path, dataset: str) -> None:
    """A small archive in the layout of the embedded data set."""
    from medtransfer.data.download.phantom import generate, write_archive

    write_archive(generate(32, 8, 1, seed=0), archive)


def prepare(archive: Path, dataset: str) -> None:
    """The pipeline's own function, with the data set's resolved configuration."""
    from medtransfer.data.prepare.prepare import prepare
    from medtransfer.settings.load import load
    from medtransfer.settings.resolved import decoding

    choice = decoding(load(), dataset)
    with tempfile.TemporaryDirectory() as folder:
        prepare(archive, choice, choice.max_rejected, Path(folder, "images.npy"), Path(folder, "thumbnails.npy"))


def plain_loop(archive: Path, dataset: str) -> None:
    """One image after another, once for the pixels, once more for the hashes."""
    import hashlib
    import zipfile

    import numpy as np
    from PIL import Image

    from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
    from medtransfer.settings.load import load

    size = load().image_size(dataset)
    with zipfile.ZipFile(archive) as source, tempfile.TemporaryDirectory() as folder:
        names = sorted(name for name in source.namelist() if name.endswith((".jpg", ".png")))
        images = []
        for name in names:
            with source.open(name) as file:
                images.append(np.asarray(Image.open(file).convert("RGB").resize((size, size))))
        np.save(Path(folder, "images.npy"), np.stack(images))
        hashes = []
        for name in names:
            with source.open(name) as file:
                image = Image.open(file).convert("L")
                hashes.append((hashlib.sha256(image.tobytes()).hexdigest(), perceptual_hash(image)))


SIDES = {"make": make, PREPARE: prepare, LOOP: plain_loop}

if __name__ == "__main__":
    match sys.argv[1:]:
        case [] | ["trial"]:
            main("trial" in sys.argv)
        case [side, archive, dataset]:
            SIDES[side](Path(archive), dataset)
        case _:
            sys.exit(__doc__)
