"""PYTHONPATH=src .venv/bin/python bench/split_time.py

Shows what splitting a large set takes: each step of the split stage on a made-up index of 200,000 images. And how the
search for near twins compares with a plain loop over pairs, for 7,000 images. Where the steps together take too long,
prints the table, writes nothing and exits 1.

Left out, of what stages/split.py does: Python's start and imports, opening images.npy, drawing the two figures, and
writing files (the split, the figures, the metrics). There is no `shipped` strategy, as the index names no parts.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from _table import machine, peak_mb, publish, table

ROWS, FEW = 200_000, 7_000
SECONDS = 60  # that all steps may take
BEYOND = 8  # bits past the groups' distance that the stage looks at, too
LATENT, NOISE = 60, 0.3  # of this many directions are the made-up pictures mixed: pairs then differ as real ones do
SLICES, LABELS = 10, ("glioma", "meningioma", "no_tumour", "pituitary")
COPIES = 0.2  # of the rows; a third of these are exact
SAMPLED = 100  # hashes that the plain loop compares


def main() -> None:
    """Make the index and measure in processes of their own, so that the memory of one is not the other's."""
    with tempfile.TemporaryDirectory() as folder:
        for task in ("make", "measure"):
            subprocess.run([sys.executable, __file__, task, folder], check=True)
        found = json.loads(Path(folder, "found.json").read_text())
    seconds, busy = (sum(times) for times in zip(*found["steps"].values(), strict=True))
    steps = found["steps"] | {"**all**": (seconds, busy)}
    rows = [(step, *(f"{took:.1f}" for took in times)) for step, times in steps.items()]
    fast, slow = found["fast"], found["slow"]
    publish(
        "split",
        f"## Splitting {ROWS:,} images\n\n{table(('Step', 'Seconds', 'Seconds of all cores'), rows)}\n\n"
        f"Peak memory {found['peak']:,.0f} MB. {found['pairs']:,} pairs of hashes within {found['distance']} bits; "
        f"{found['groups']:,} groups, {found['largest']:,} images in the largest. Limit: {SECONDS} s.\n"
        "Left out: Python's start, imports, figures, and writing files.\n\n"
        f"All near twins among {FEW:,} hashes: {fast:.2f} s. A plain loop over the pairs, from a sample of "
        f"{found['sample']:,}: {slow:,.0f} s, **{slow / fast:,.0f} ×** as long.\n\nMeasured on: {machine()}.",
        [f"all steps took {seconds:.1f} s, more than {SECONDS}"] if seconds > SECONDS else [],
    )


def make(path: Path, seed: int = 7) -> None:
    """An index as `prepare` writes it: patients with slices alike, copies of images, exact ones and nearly so.

    Bits come from numbers of a mixture, as a perceptual hash's do: those near the median flip first in a copy. Half
    of the rows name their patient, and a few copies have another label.
    """
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(LATENT, 256)).astype(np.float32) / np.sqrt(LATENT)
    patient = np.arange(ROWS) // SLICES
    alike = rng.uniform(0.2, 0.9, len(np.unique(patient)))[patient, None]  # how much a patient's slices share
    own = rng.normal(size=(ROWS // SLICES + 1, LATENT))[patient]
    latent = np.sqrt(alike) * own + np.sqrt(1 - alike) * rng.normal(size=(ROWS, LATENT))
    values = latent.astype(np.float32) @ mixing
    values += NOISE * rng.standard_normal(values.shape, dtype=np.float32)
    copy = rng.permutation(ROWS)[: int(COPIES * ROWS)]
    first = rng.choice(np.setdiff1d(np.arange(ROWS), copy), len(copy))
    exact = np.arange(len(copy)) < len(copy) // 3
    change = np.where(exact, 0, rng.exponential(0.1, len(copy))).astype(np.float32)[:, None]
    values[copy] = values[first] + change * rng.standard_normal((len(copy), 256), dtype=np.float32)
    bits = np.packbits(values > np.median(values, axis=1, keepdims=True), axis=1)
    pixels, label = np.arange(ROWS), rng.integers(len(LABELS), size=patient.max() + 1)[patient]
    patient[copy], label[copy] = patient[first], label[first]
    pixels[copy[exact]] = first[exact]
    label[copy[:50]] = (label[copy[:50]] + 1) % len(LABELS)
    index = pd.DataFrame(
        {
            "id": [f"{row:06d}.png" for row in range(ROWS)],
            "label": np.array(LABELS)[label],
            "patient": [f"p{number}" if number % 2 else "" for number in patient],
            "shipped": "",
            "sha256": [f"{number:064x}" for number in pixels],
            "phash": [row.tobytes().hex() for row in bits],
        }
    )
    index.to_csv(path, index=False)


def measure(folder: Path) -> None:
    """The steps of stages/split.py, each timed."""
    from medtransfer import artefacts, config
    from medtransfer.data.duplicates import conflicting, groups, likeness, repetitions
    from medtransfer.data.leakage import audit, twins, worst_pairs
    from medtransfer.data.split import split

    settings = config.load().params
    choice, looked_at = settings.split, settings.split.group_distance + BEYOND
    steps: dict[str, tuple[float, float]] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        before = steps.get(step, (0, 0))
        steps[step] = (before[0] + time.perf_counter() - start, before[1] + time.process_time() - busy)

    with timed("read the index"):
        index = artefacts.read_table(folder / "index.csv")
    with timed("compare all hashes"):
        beyond = likeness(index, looked_at)
    with timed("build groups"):
        alike = beyond.within(choice.twin_distance)
        group = groups(index["id"], beyond.within(choice.group_distance))
        dropped = conflicting(index["label"], alike)
    names, labels = group.to_numpy(), index["label"].to_numpy()
    for strategy in ("grouped", "random"):
        tried = choice.model_copy(update={"strategy": strategy})
        with timed(f"split: {strategy}"):
            partition = split(index, group, tried, settings.seed, dropped)["partition"].to_numpy()
        with timed("audit of both"):
            twins(partition, alike)
            audit(partition, alike)
        with timed("worst pairs of both"):
            if worst_pairs(partition, labels, names, alike).empty:
                worst_pairs(partition, labels, names, beyond).sort_values("bits", kind="stable")
    with timed("repetitions"):
        repetitions(index["label"], group, alike)
    peak = peak_mb(resource.RUSAGE_SELF)
    sizes = group.value_counts()
    found = {
        "steps": steps,
        "peak": peak,
        "pairs": len(beyond.pairs[0]),
        "distance": looked_at,
        "groups": len(sizes),
        "largest": int(sizes.iloc[0]),
        **against_loop(index["phash"][:FEW], choice.group_distance),
    }
    (folder / "found.json").write_text(json.dumps(found))


def against_loop(hashes: pd.Series, distance: int) -> dict[str, float]:
    """Seconds for all pairs of some hashes: the project's search, and a loop, extrapolated from a sample."""
    import imagehash

    from medtransfer.data.hamming import close_pairs, parse

    start = time.perf_counter()
    close_pairs(parse(hashes), distance)
    fast = time.perf_counter() - start
    parsed = [imagehash.hex_to_hash(text) for text in hashes[:SAMPLED]]
    start = time.perf_counter()
    near = [one - other <= distance for one, other in combinations(parsed, 2)]
    slow = (time.perf_counter() - start) * (len(hashes) * (len(hashes) - 1) / 2) / len(near)
    return {"fast": fast, "slow": slow, "sample": len(near)}


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "make":
        make(Path(sys.argv[2], "index.csv"))
    else:
        measure(Path(sys.argv[2]))
