"""KERAS_HOME=~/.keras PYTHONPATH=src .venv/bin/python -m bench.frozen_backbone [trial] [--archive FILE] [--cached]

Time and memory of the study of a frozen backbone: Br35H at 224 pixels, MobileNetV2 with ImageNet weights, 3 folds of 30
epochs. The project's stages prepare, features and train against the plain Keras loop, which decodes every image and
runs the backbone over it in every epoch; with --cached, against that loop with the decoded images cached in memory,
too. All in one run, one after another, each in a process of its own.

Writes a table of docs/benchmarks.md, in some 15 minutes on two cores. Where the sides do not reach the same accuracy,
it writes nothing and exits 1. `trial` is a run on a few images made by code, which writes nothing.
"""

import argparse
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from bench.frozen_backbone.study import Study, plain_task, real_study, trial_study, unpack
from bench.page import BENCHMARKS, machine, publish, require_blocks
from bench.process import Usage, run_python
from medtransfer import store

BLOCK = "frozen backbone"
TOLERANCE = 0.02  # between mean validation accuracies: another seed changes them by as much
COUNTED = ("prepare", "features", "train")  # of the steps; the others serve both sides
LOOPS = {False: "plain loop", True: "plain loop, decoded images cached in memory"}


def main(trial: bool, archive: Path, cached: bool) -> None:
    """Run each side on the same study, and publish the table."""
    require_blocks(BENCHMARKS, [BLOCK])
    if not trial and not archive.exists():
        sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset=br35h download (or name it: --archive)")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        study = trial_study(folder) if trial else real_study(folder, archive)
        stages = _run_stages(study)
        unpack(study)
        loops, accuracies = {}, {}
        for is_cached, name in list(LOOPS.items())[: 2 if cached else 1]:
            task, answer = plain_task(study, is_cached)
            loops[name] = run_python("-m", "bench.frozen_backbone.plain_loop", str(task), folder=folder)
            accuracies[name] = float(np.mean(json.loads(answer.read_text())))
        table = _table(study, stages, loops, accuracies)
        missed = [
            f"mean validation accuracy is {study.accuracy:.3f}, and {accuracy:.3f} by {name}: not the same study"
            for name, accuracy in accuracies.items()
            if abs(accuracy - study.accuracy) > TOLERANCE
        ]
    publish(BENCHMARKS, {BLOCK: table}, trial, missed)


def _run_stages(study: Study) -> dict[str, Usage]:
    """Every stage up to training, in order."""
    dataset, model = study.dataset, study.model
    arguments = {
        "check": [], "download": [dataset], "prepare": [dataset], "duplicates": [dataset], "split": [dataset],
        "features": [dataset, model], "train": [dataset, model],
    }  # fmt: skip
    return {
        stage: run_python("-m", f"stages.{stage}", *names, folder=study.folder) for stage, names in arguments.items()
    }


def _table(
    study: Study, stages: dict[str, Usage], loops: dict[str, Usage], accuracies: dict[str, float]
) -> pd.DataFrame:
    counted = [stages[stage] for stage in COUNTED]
    ours = Usage(
        sum(usage.seconds for usage in counted),
        sum(usage.busy for usage in counted),
        max(usage.peak for usage in counted),
    )
    images, development = study.sizes
    libraries = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras"))
    sides = {"medtransfer": (ours, study.accuracy)} | {name: (loops[name], accuracies[name]) for name in loops}
    return pd.DataFrame(
        {
            "Measured": name,
            **{stage: f"{stages[stage].seconds:.1f}" if usage is ours else "–" for stage in COUNTED},
            "Seconds": f"{usage.seconds:,.1f}",
            "Seconds of all cores": f"{usage.busy:,.0f}",
            "Peak, MB": f"{usage.peak:,.0f}",
            "Validation accuracy": f"{accuracy:.3f}",
            "Time against medtransfer": f"{usage.seconds / ours.seconds:.1f} ×",
            "Images (development)": f"{images:,} ({development:,})",
            "Machine": f"{machine()}, {libraries}",
        }
        for name, (usage, accuracy) in sides.items()
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench.frozen_backbone",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("trial", nargs="?", choices=["trial"], help="some seconds on a few images made by code")
    parser.add_argument("--archive", type=Path, default=store.archive("br35h"), help="Br35H as Kaggle serves it")
    parser.add_argument("--cached", action="store_true", help="time the loop with cached images too: twice as long")
    options = parser.parse_args()
    main(options.trial is not None, options.archive, options.cached)
