"""PYTHONPATH=src .venv/bin/python bench/prepare_time.py

Shows what preparing a real archive (data/raw/sartaj.zip, at 224 pixels) takes: medtransfer.data.prepare.prepare against the
plain loop that a user would write instead, which decodes every image twice and keeps them all in a list. Each runs
in a fresh process, so that its peak memory is its own. Where prepare misses its limits, prints the table, writes
nothing and exits 1.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _table import machine, peak_mb, publish, table

DATASET, SIZE = "sartaj", 224
SECONDS, MEGABYTES = 25, 1500  # that prepare may take
PREPARE, LOOP = "prepare", "plain loop"


def main() -> None:
    """One process each, the smaller one first: a parent is told only the largest peak among its children."""
    archive = Path(f"data/raw/{DATASET}.zip")
    if not archive.exists():
        sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset={DATASET}")
    archive.read_bytes()  # so that both find it in the system's cache
    found = {}
    for way in (PREPARE, LOOP):
        start, busy = time.perf_counter(), busy_seconds()
        subprocess.run([sys.executable, __file__, way], check=True)
        took = time.perf_counter() - start
        found[way] = (took, busy_seconds() - busy, peak_mb(resource.RUSAGE_CHILDREN))
    seconds, _, megabytes = found[PREPARE]
    rows = [
        (way, f"{took:.1f}", f"{busy:.1f}", f"{peak:,.0f}", f"{took / seconds:.1f} ×", f"{peak / megabytes:.1f} ×")
        for way, (took, busy, peak) in found.items()
    ]
    head = ("", "Seconds", "Seconds of all cores", "Peak, MB", "Time against prepare", "Memory against prepare")
    body = table(head, rows)
    publish(
        "prepare",
        f"## Preparing {DATASET} at {SIZE} pixels\n\n{body}\n\n"
        f"Python's start and imports count. Limits: {SECONDS} s and {MEGABYTES:,} MB. Measured on: {machine()}.",
        [
            f"{PREPARE} took {value:,.1f} {unit}, more than {limit:,}"
            for value, limit, unit in ((seconds, SECONDS, "s"), (megabytes, MEGABYTES, "MB"))
            if value > limit
        ],
    )


def busy_seconds() -> float:
    """What the children so far have had of all cores: unlike the clock, the same beside other work."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def prepare() -> None:
    """The pipeline's own."""
    from medtransfer.data.prepare.prepare import prepare
    from medtransfer.settings.load import load

    settings = load()
    with tempfile.TemporaryDirectory() as folder:
        prepare(
            Path(f"data/raw/{DATASET}.zip"),
            settings.dataset(DATASET),
            SIZE,
            settings.params.prepare.max_rejected,
            Path(folder) / "images.npy",
        )


def plain_loop() -> None:
    """What is commonly written: one image after another, once for the pixels, once more for the hashes."""
    import hashlib
    import zipfile

    import numpy as np
    from PIL import Image

    from medtransfer.data.duplicates.perceptual_hash import perceptual_hash

    with zipfile.ZipFile(f"data/raw/{DATASET}.zip") as source, tempfile.TemporaryDirectory() as folder:
        names = sorted(name for name in source.namelist() if name.endswith(".jpg"))
        images = []
        for name in names:
            with source.open(name) as file:
                images.append(np.asarray(Image.open(file).convert("RGB").resize((SIZE, SIZE))))
        np.save(Path(folder) / "images.npy", np.stack(images))
        hashes = []
        for name in names:
            with source.open(name) as file:
                image = Image.open(file).convert("L")
                hashes.append((hashlib.sha256(image.tobytes()).hexdigest(), perceptual_hash(image)))


if __name__ == "__main__":
    {PREPARE: prepare, LOOP: plain_loop}.get(sys.argv[-1], main)()
