"""PYTHONPATH=src .venv/bin/python -m bench.large_sets [trial]

Time and memory of prepare, split, features and train on up to 200,000 images made by code, and of the search for
copies: by hash on all of them, the whole search on a few thousand. Each step runs in a process of its own.

Writes the tables of docs/large-sets.md and draws docs/large-sets.png, in some 30 minutes on two cores. Where a step
needs more memory than its limit, it writes nothing and exits 1. `trial` runs the first steps on a few images and writes
nothing.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.command import run
from bench.large_sets.study import DATASET, FROZEN, TRAINED, large_study, searched
from bench.large_sets.tables import BY_HASH, WHOLE, growth_table, plan_table, setup, steps_table
from bench.page import publish, require_blocks
from bench.process import Usage, run_python

PAGE = Path("docs/large-sets.md")
PLOT = PAGE.with_suffix(".png")
BLOCKS = ("setup", "steps", "growth", "plan")
SIZES, SEARCHED = (25_000, 50_000, 100_000, 200_000), (2_000, 4_000, 8_000, 16_000)
TRIAL, QUICK = 200, 2  # images, and how many of the steps: the others take seconds to start
LIMIT = 4_000  # megabytes of each of STEPS
CALL = "from bench.large_sets import study; study.{}"
# What Python runs, by what the page calls it.
STEPS = {
    "prepare": ("-m", "stages.prepare", DATASET),
    BY_HASH: ("-c", CALL.format("hashes()")),
    "split": ("-m", "stages.split", DATASET),
    "features (frozen MobileNetV2)": ("-m", "stages.features", DATASET, FROZEN),
    "train, head on features": ("-m", "stages.train", DATASET, FROZEN),
    "train, small CNN on pixels": ("-m", "stages.train", DATASET, TRAINED),
}


@dataclass(frozen=True)
class Measured:
    """A step on a number of images."""

    step: str
    images: int
    usage: Usage
    files: float  # megabytes that it wrote


def main(trial: bool) -> None:
    """Every size in a folder of its own, which is gone before the next one; then the whole search."""
    require_blocks(PAGE, BLOCKS)
    sizes = (TRIAL,) if trial else SIZES
    measured: list[Measured] = []
    for images in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            large_study(folder)
            run_python("-c", CALL.format(f"make({images})"), folder=folder)
            measured += _steps(folder, images, list(STEPS)[: QUICK if trial else None])
            if images == SIZES[-1]:
                measured += _whole_searches(folder)
    table = pd.DataFrame(
        {"step": one.step, "images": one.images, "files": one.files} | vars(one.usage) for one in measured
    )
    missed = [
        f"{one.step} took {one.usage.peak:,.0f} MB on {one.images:,} images, more than {LIMIT:,}"
        for one in measured
        if one.step in STEPS and one.usage.peak > LIMIT
    ]
    tables = (setup(LIMIT), steps_table(table), growth_table(table), plan_table(table))
    publish(PAGE, dict(zip(BLOCKS, tables, strict=True)), trial, missed)
    if not trial:
        from bench.large_sets.figure import figure  # what the main process needs, its children's peaks begin with
        from medtransfer.plotting import write_png

        write_png(PLOT, figure(table, LIMIT))


def _steps(folder: Path, images: int, steps: list[str]) -> list[Measured]:
    """One after another, each with what it needs before."""
    measured = []
    for step in steps:
        if step == "train, small CNN on pixels":  # writes an empty file, which `train` depends on
            run_python("-m", "stages.features", DATASET, TRAINED, folder=folder)
        before = _bytes(folder)
        usage = run_python(*STEPS[step], folder=folder)
        measured.append(_noted(Measured(step, images, usage, (_bytes(folder) - before) / 1e6)))
    return measured


def _whole_searches(folder: Path) -> list[Measured]:
    """The stage `duplicates` on some images of the largest set."""
    run_python("-c", CALL.format(f"take{SEARCHED}"), folder=folder)
    measured = []
    for images in SEARCHED:
        before = _bytes(folder)
        usage = run_python("-m", "stages.duplicates", searched(images), folder=folder)
        measured.append(_noted(Measured(WHOLE, images, usage, (_bytes(folder) - before) / 1e6)))
    return measured


def _noted(measured: Measured) -> Measured:
    """Shown at once: a run takes long."""
    print(measured, file=sys.stderr, flush=True)
    return measured


def _bytes(folder: Path) -> int:
    """Of all files; one file by two names counts once."""
    return sum({file.stat().st_ino: file.stat().st_size for file in folder.rglob("*") if file.is_file()}.values())


if __name__ == "__main__":
    run(main, __doc__)
