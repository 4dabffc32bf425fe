"""PYTHONPATH=src .venv/bin/python -m bench.workers [trial]

A study of four trained CNNs with three folds each: `dvc repro train` with one thread, with all threads, and with two
workers of one thread, in turn, in clones of the last commit whose images are prepared. Compares all files of the
models, and writes its table into docs/benchmarks.md. `trial` trains two networks for one epoch.
"""

import copy
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from bench.command import run
from bench.frozen_backbone.study import ONE_DATA_SET
from bench.page import machine, publish, require_blocks
from bench.process import ROOT, run_python
from medtransfer.store import digests

PAGE, BLOCK = Path("docs/benchmarks.md"), "workers"
SERVED = ("-m", "medtransfer.process.stage_server")
ONE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
RUNS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "no workers, one thread": (("dvc", "repro", "train"), ONE),
    "no workers, all threads": (("dvc", "repro", "train"), {}),
    "two workers, one thread each": (("python", "-m", "medtransfer.training.cluster", "2", "train"), ONE),
}
ROUNDS = 2  # the quickest counts: other work on the machine only adds
RATES = (0.001, 0.002, 0.003, 0.005)


def main(trial: bool) -> None:
    """The seconds of each, and whether the models are the same bytes."""
    require_blocks(PAGE, [BLOCK])
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    seconds: dict[str, list[float]] = {name: [] for name in RUNS}
    hashes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "prepared"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(first)], check=True)
        networks = _study(first, trial)
        run_python(*SERVED, "dvc", "repro", "transfer", "split", "features", folder=first, path="src")
        for number in range(1 if trial else ROUNDS):
            for place, (name, (command, environment)) in enumerate(RUNS.items()):
                made = Path(folder) / f"{number}-{place}"
                shutil.copytree(first, made, symlinks=True)
                usage = run_python(*SERVED, *command, folder=made, path="src", **environment)
                seconds[name].append(usage.seconds)
                hashes[name] = _digest(made / "models")
    shortest = {name: min(times) for name, times in seconds.items()}
    serial = "no workers, one thread"
    rows = [
        {
            "Run": name,
            "Seconds": f"{shortest[name]:.0f}",
            "Ratio": f"{shortest[serial] / shortest[name]:.2f} ×",
            "Models": "the same bytes" if hashes[name] == hashes[serial] else "other last bits",
        }
        for name in RUNS
    ]
    print(f"{networks} networks of 3 folds each; {machine()}")
    publish(PAGE, {BLOCK: pd.DataFrame(rows)}, trial)


def _study(clone: Path, trial: bool) -> int:
    """Write it; returns the number of its networks."""
    yaml = YAML(pure=True)
    files = {name: yaml.load(clone / name) for name in ("params.yaml", "catalog/models.yaml", "catalog/datasets.yaml")}
    params, recipes, datasets = files.values()
    names = [f"cnn_{number}" for number in range(2 if trial else len(RATES))]
    for name, rate in zip(names, RATES, strict=False):
        recipe: dict[str, Any] = copy.deepcopy(recipes["small_cnn"])
        recipe["training"] |= {"learning_rate": rate, "epochs": 1 if trial else 60}
        recipes[name] = recipe
    params |= {"model": names[0]}
    params["study"] |= ONE_DATA_SET | {"models": names}
    params["split"] |= {"test_fraction": 0.2}
    if trial:
        datasets["phantom"]["source"] |= {"patients": 40, "slices_per_patient": 1}
    for name, content in files.items():
        yaml.dump(content, clone / name)
    return len(names)


def _digest(folder: Path) -> str:
    """Of all files in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digests.of_text("\n".join(f"{path.relative_to(folder)} {digests.of_file(path)}" for path in files))


if __name__ == "__main__":
    run(main, __doc__)
