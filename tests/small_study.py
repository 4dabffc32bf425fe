"""A small study, run once by real DVC, for all tests that ask what comes after a run. Tests change copies of it.

Its data set, one of its models, a metric, a statistical test, an explanation method and a section of its report are the
reader's own, added as CONTRIBUTING.md says. Besides, it has what the default study has of each kind: a model with a
frozen backbone, which starts from a source; another data set, with images of the first; fractions, and a refit.
"""

import fcntl
import re
import shutil
from pathlib import Path
from typing import Any

from PIL import Image

from medtransfer.data.download.phantom import generate
from tests.additions import DATASET, METHOD, MODEL, add_one_of_each
from tests.plain_study import plain
from tests.project_clone import Clone, clone, yaml

TRAINED, FROZEN, SOURCE = MODEL, "small_cnn_frozen", "shapes-source_cnn"
SIZE, SEED, PATIENTS, SLICES = 32, 7, 28, 2
SHARED = 8  # patients that the other data set has too
OPENED, OPENED_FILE = "MEDTRANSFER_TEST_OPENED", ".cache/settings.txt"
# Writes down which settings each stage opens, in the file that a variable names; every stage imports it.
LISTENER = f"""
import os
import sys
from pathlib import Path

def _note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)) and "data/settings" in str(arguments[0]):
        with Path(os.environ["{OPENED}"]).open("a") as file:
            file.write(f"{{Path(sys.argv[0]).stem}}\\t{{sys.argv[-1]}}\\t{{arguments[0]}}\\n")

if "{OPENED}" in os.environ:
    sys.addaudithook(_note)
"""


def small_study(folder: Path) -> Path:
    """The path of a clone in which it has run, and is committed; the first test process that asks runs it."""
    path = folder / "finished"
    with (folder / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            shutil.rmtree(folder / "unfinished", ignore_errors=True)  # of a process that has failed
            _run(folder / "unfinished").rename(path)
    return path


def copy_of(study: Path, path: Path, **environment: str) -> Clone:
    """A copy, with results and cache."""
    shutil.copytree(study, path, symlinks=True)
    return Clone(path, **environment)


def lose(made: Clone, *stages: str) -> None:
    """Remove what these stages have made, from the workspace and from all caches."""
    locked = yaml.load(made.path / "dvc.lock")["stages"]
    for out in (out for stage in stages for out in locked[stage]["outs"]):
        path = made.path / out["path"]
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        (made.path / ".dvc/cache/files/md5" / out["md5"][:2] / out["md5"][2:]).unlink(missing_ok=True)
    for cache in (".cache/checkpoints", ".cache/features", ".dvc/cache/runs"):
        shutil.rmtree(made.path / cache)


def _run(path: Path) -> Path:
    made = clone(path)
    images = path.with_name("images")
    write_images(images)
    add_one_of_each(made, images)
    shrink(made)
    (path / ".cache").mkdir()
    with (path / "stages/__init__.py").open("a") as file:
        file.write(LISTENER)
    made.commit()
    Clone(path, **{OPENED: str(path / OPENED_FILE)}).dvc("repro")
    made.commit()
    return path


def write_images(folder: Path) -> None:
    """Slices of the embedded data set: a folder for each class, masks of lesions, and a file that is no image."""
    for slice in generate(SIZE, PATIENTS, SLICES, SEED):
        label = "ill" if slice.mask.any() else "healthy"
        for place, pixels in ((label, slice.image), (f"masks/{label}", slice.mask)):
            file = folder / place / f"{slice.patient}_{slice.number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(file)
    (folder / "healthy/p0000.txt").write_text("not an image")


def shrink(made: Clone) -> None:
    """Few small images, two folds, two epochs, few pairs in the background: seconds instead of minutes."""

    def params(content: dict[str, Any]) -> None:
        plain(content)
        content |= {"dataset": DATASET, "model": FROZEN}
        content["study"] |= {"models": [TRAINED, FROZEN], "fractions": [0.5, 1]}
        content["study"] |= {"sources": [SOURCE], "other_datasets": ["phantom", "shapes"]}
        content["prepare"]["max_rejected"] = 0.1
        content["split"]["folds"] = 2
        content["evaluate"]["tested"] = "refit"
        content["leakage"]["repeats"] = 2
        content["explain"] |= {"images_per_class": 1, "methods": ["grad_cam", METHOD]}

    def datasets(content: dict[str, Any]) -> None:
        small = {"size": SIZE, "patients": SHARED, "slices_per_patient": SLICES, "seed": SEED}
        content["phantom"]["source"] |= small
        content["shapes"]["source"] |= {"size": SIZE, "images": 144}
        for name in list(content["shapes"]["classes"])[4:]:  # a third of the images
            del content["shapes"]["classes"][name]
        for name in ("phantom", "shapes"):
            content[name]["image_size"] = SIZE

    def models(content: dict[str, Any]) -> None:
        for recipe in content.values():
            for part in ("training", "pretraining"):
                if part in recipe:
                    recipe[part] |= {"epochs": 2, "snapshots": None}

    search = made.path / "src/medtransfer/data/duplicates/search.py"  # most of its time is for the background
    code, count = re.subn(r"^PAIRS = \d+", "PAIRS = 20", search.read_text(), flags=re.MULTILINE)
    assert count == 1
    search.write_text(code)
    made.edit("params.yaml", params)
    made.edit("catalog/datasets.yaml", datasets)
    made.edit("catalog/models.yaml", models)
    made.forget_other_stages()
    made.commit()
