"""KERAS_HOME=~/.keras PYTHONPATH=src .venv/bin/python bench/frozen_backbone.py [--archive FILE] [--cached]

Shows what the study of a frozen backbone takes: Br35H at 224 pixels, MobileNetV2 with ImageNet weights, 3 folds of 30
epochs. The project's stages prepare, features and train against the ordinary Keras loop, which decodes every image and
runs the backbone over it in every epoch; with --cached, against that loop with the decoded images cached in memory,
too. All in one run, one after another, each in fresh processes, so that starts and imports count on all sides.

Writes its table in docs/benchmarks.md. Takes some 15 minutes on two cores that nothing else should use meanwhile. With
--images, --folds or --epochs it is a trial, which is printed and not written. Where the sides do not reach the same
accuracy, it writes nothing and exits 1.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from _frozen_study import DATASET, MODEL, ROOT, STAGES, Study, make_study, ordinary_task, unpack
from _table import machine, table

from medtransfer.data.partitions import DEVELOPMENT
from medtransfer.report import markdown

TOLERANCE = 0.02  # between mean validation accuracies: what another seed makes of them
PAGE, BLOCK = ROOT / "docs/benchmarks.md", "frozen backbone"
SHARED = ("duplicates", "split")  # steps for both sides
COUNTED = [step for step in STAGES if step not in SHARED]
LOOPS = {False: "ordinary loop", True: "that loop, decoded images cached in memory"}
HEAD = ("", *COUNTED, "seconds in all", "of all cores", "peak MB", "validation accuracy", "against medtransfer")


@dataclass(frozen=True)
class Spent:
    """What a process took from its start to its end."""

    seconds: float
    busy: float  # seconds of all cores
    peak: float  # megabytes of memory


def main() -> None:
    """Run each side on the same study, and publish the table."""
    options = arguments()
    archive = options.archive
    if not archive.exists():
        sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset={DATASET} prepare (or name it: --archive)")
    markdown.replaced(PAGE.read_text(encoding="utf-8"), BLOCK, "")  # or a long run would have no place for its table
    trial = any((options.images, options.folds, options.epochs))
    with tempfile.TemporaryDirectory() as folder:
        study = make_study(Path(folder), archive, options.images, options.folds, options.epochs)
        steps = {step: spend(study, step, "-m", f"stages.{stage}", *names) for step, (stage, *names) in STAGES.items()}
        unpack(study)
        loops = {}
        for cached, name in list(LOOPS.items())[: 2 if options.cached else 1]:
            task, answer = ordinary_task(study, cached)
            spent = spend(study, name, str(Path(__file__).with_name("_ordinary_loop.py")), str(task))
            loops[name] = (spent, json.loads(answer.read_text()))
        section, missed = report(study, steps, loops)
    print(section)
    if trial:
        return  # too small to say anything of accuracy or ratio
    if missed:
        sys.exit(f"{PAGE.name} is left as it is: {missed}")
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(markdown.replaced(text, BLOCK, section), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--archive", type=Path, default=Path(f"data/raw/{DATASET}.zip"), help="Br35H as Kaggle serves it"
    )
    for name, what in (("images", "of the set"), ("folds", "2 or more"), ("epochs", "of training")):
        parser.add_argument(f"--{name}", type=int, help=f"fewer than the study's, for a trial: {what}")
    parser.add_argument(
        "--cached", action="store_true", help="time the loop with cached images too; takes twice as long"
    )
    return parser.parse_args()


def spend(study: Study, name: str, *command: str) -> Spent:
    """Run Python in the study's folder; its output is shown where it fails."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "2"}
    log = study.folder / "log.txt"
    print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
    with log.open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command], cwd=study.folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)  # unlike subprocess's own, tells what this one child has used
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"{seconds:.1f} s", file=sys.stderr)
    if process.returncode:
        sys.exit(f"{log.read_text(errors='replace')}\n{name} failed")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def report(study: Study, steps: dict[str, Spent], loops: dict[str, tuple[Spent, Sequence[float]]]) -> tuple[str, str]:
    """The table with what it was measured on, and what speaks against it."""
    counted = [steps[step] for step in COUNTED]
    seconds, ours = sum(step.seconds for step in counted), float(np.mean(study.accuracies))
    busy, peak = sum(step.busy for step in counted), max(step.peak for step in counted)
    sums = (f"{seconds:.1f}", f"{busy:,.0f}", f"{peak:,.0f}", f"{ours:.3f}")
    rows: list[Sequence[object]] = [("**medtransfer**", *(f"{step.seconds:.1f}" for step in counted), *sums, "1 ×")]
    missed, empty = "", [""] * (len(COUNTED) - 1)
    for name, (spent, accuracies) in loops.items():
        theirs = float(np.mean(accuracies))
        whole = f"{spent.seconds:,.1f}"
        shares = (whole, whole, f"{spent.busy:,.0f}", f"{spent.peak:,.0f}", f"{theirs:.3f}")
        rows.append((name, *empty, *shares, f"**{spent.seconds / seconds:.1f} ×**"))
        if abs(theirs - ours) > TOLERANCE:
            missed = f"mean validation accuracy is {ours:.3f}, and {theirs:.3f} by {name}: not the same study"
    ratio = loops[LOOPS[False]][0].seconds / seconds
    split, epochs = study.split, study.settings.recipe(MODEL).training.epochs
    folds, size = study.settings.params.split.folds, study.settings.image_size(DATASET)
    development = (split["partition"] == DEVELOPMENT).sum()
    shared = sum(steps[step].seconds for step in SHARED)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy", "pillow"))
    conditions = (
        f"{len(split):,} images ({development:,} in the development set), {size} pixels, {folds} folds, {epochs} "
        "epochs. Each process is timed from its start to its end, with its imports. The accuracy is that of the last "
        "epoch, the mean over the folds. Not counted on either side: unzipping the files for the loops, the search for "
        f"copies and the split, which both sides use ({shared:.1f} s), and DVC's own bookkeeping. "
        f"Measured on: {machine()}, {libraries}."
    )
    train = steps["train"].seconds
    again = (
        "Prepared images and features are kept. Another head or learning rate on the same backbone takes training "
        f"alone, {train:.1f} s. The ordinary loop starts again, which takes {ratio * seconds / train:.0f} times as "
        "long."
    )
    return f"{table(HEAD, rows)}\n\n{again}\n\n{conditions}\n", missed


if __name__ == "__main__":
    main()
