"""The sample study, made small and run once by real DVC, for all tests that ask what comes after a run.

Tests change copies of it. It has what the default study has of each kind: a model that is trained whole and one with a
frozen backbone, which starts from a source; another data set, with images of the first; fractions, and a refit.
"""

import fcntl
import re
import shutil
from pathlib import Path
from typing import Any

from tests.plain_study import plain
from tests.project_clone import Clone, clone, yaml

TRAINED, FROZEN, SOURCE = "simple_cnn", "small_cnn_frozen", "shapes-source_cnn"
OPENED, OPENED_FILE = "MEDTRANSFER_TEST_OPENED", ".cache/settings.txt"
# Writes down which settings each stage opens, in the file that a variable names; every stage imports it.
LISTENER = f"""
import os
import sys
from pathlib import Path

def _note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)) and "data/settings" in str(arguments[0]):
        with Path(os.environ["{OPENED}"]).open("a") as file:
            file.write(f"{{Path(sys.argv[0]).stem}} {{sys.argv[-1]}} {{arguments[0]}}\\n")

if "{OPENED}" in os.environ:
    sys.addaudithook(_note)
"""


def finished_study(folder: Path) -> Path:
    """The path of a clone in which it has run, and is committed; the first test process that asks runs it."""
    path = folder / "finished"
    with (folder / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
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
        (made.path / ".dvc/cache/files/md5" / out["md5"][:2] / out["md5"][2:]).unlink()
    for cache in (".cache/checkpoints", ".cache/features", ".dvc/cache/runs"):
        shutil.rmtree(made.path / cache)


def _run(path: Path) -> Path:
    made = clone(path)
    shrink(made)
    (path / ".cache").mkdir()
    with (path / "stages/__init__.py").open("a") as file:
        file.write(LISTENER)
    made.commit()
    Clone(path, **{OPENED: str(path / OPENED_FILE)}).dvc("repro")
    made.commit()
    return path


def shrink(made: Clone) -> None:
    """Few small images, two folds, two epochs, few pairs in the background: seconds instead of minutes."""

    def params(content: dict[str, Any]) -> None:
        plain(content)
        content["model"] = FROZEN
        content["study"] |= {"models": [TRAINED, FROZEN], "fractions": [0.5, 1]}
        content["study"] |= {"sources": [SOURCE], "other_datasets": ["other", "shapes"]}
        content["split"]["folds"] = 2
        content["evaluate"]["tested"] = "refit"
        content["leakage"]["repeats"] = 2
        content["explain"]["images_per_class"] = 1

    def datasets(content: dict[str, Any]) -> None:
        content["phantom"]["source"] |= {"size": 32, "patients": 28, "slices_per_patient": 2}
        content["other"] = content["phantom"] | {"source": content["phantom"]["source"] | {"patients": 8}}
        content["shapes"]["source"] |= {"size": 32, "images": 144}
        for name in list(content["shapes"]["classes"])[4:]:  # a third of the images
            del content["shapes"]["classes"][name]
        for name in ("phantom", "other", "shapes"):
            content[name]["image_size"] = 32

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
