"""One of each kind of thing, added as CONTRIBUTING.md says and with no other edit, reaches table, diff and page."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from ruamel.yaml import YAML

from tests.conftest import ROOT
from tests.project_clone import Clone, clone, stages_run

pytestmark = pytest.mark.pipeline

LIBRARY = "src/medtransfer"


def examples(heading: str, language: str = "python") -> list[str]:
    """The code that CONTRIBUTING.md shows under a heading."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    match = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match, f"CONTRIBUTING.md has no section {heading}"
    return re.findall(rf"^```{language}\n(.*?)^```", match[1], re.DOTALL | re.MULTILINE)


def add_row(file: Path, table: str, function: str, row: str) -> None:
    """A function before a table of the file, and a row at the end of the table."""
    text = file.read_text()
    match = re.search(rf"^{table}\b[^\n]*= \{{\n(.*?)^\}}\n", text, re.DOTALL | re.MULTILINE)
    assert match, f"{file} has no table {table}"
    text = text[: match.end(1)] + row + text[match.end(1) :]
    file.write_text(text[: match.start()] + function + "\n\n" + text[match.start() :])


def extend(made: Clone, images: Path) -> None:
    """One of each, as a reader of CONTRIBUTING.md adds it."""
    library = made.path / LIBRARY
    (network,) = examples("Add a network of your own")
    with (library / "models/cnns.py").open("a") as file:
        file.write(f"\n\n{network}")
    add_row(library / "evaluation/metrics.py", "METRICS", *examples("Add a metric"))
    add_row(library / "comparison/tests.py", "TESTS", *examples("Add a statistical test"))
    method, row = examples("Add an explanation method")
    (library / "explain/hires_cam.py").write_text(method)
    add_row(library / "explain/methods.py", "METHODS", "", row)
    (section,) = examples("Add a section of the report")
    (library / "report/sections/test_classes.py").write_text(section)
    (entry,) = examples("Add a data set", "yaml")
    yaml = YAML(typ="safe")
    mine = yaml.load(entry)
    mine["yours"] |= {"image_size": 32}
    mine["yours"]["source"]["path"] = str(images)
    made.edit("catalog/datasets.yaml", lambda content: content.update(mine))
    (recipe,) = examples("Add a model", "yaml")
    own = yaml.load(recipe)["vgg16_wide"]
    own["backbone"] |= {"architecture": "my_network", "trainable": "all", "pooling": "average"}
    own["training"]["epochs"] = 2

    def models(content: dict[str, Any]) -> None:
        content["mine"] = own
        for part in ("training", "pretraining"):
            content["rafiq_unet"][part] |= {"epochs": 1, "snapshots": None}

    made.edit("catalog/models.yaml", models)


def choose(params: dict[str, Any]) -> None:
    """The data set, the network and the method that were added, in a study without what else the default one has."""
    params |= {"dataset": "yours", "model": "mine"}
    without: dict[str, Any] = {"external": [], "other_datasets": [], "sources": [], "fractions": []}
    params["study"] |= without | {"models": ["mine", "rafiq_unet"]}
    params["split"]["folds"] = 2
    params["explain"]["methods"] = ["hires_cam", "unet_reconstruction"]
    params["prepare"]["max_rejected"] = 0.1


def write_images(folder: Path) -> None:
    """Noise, brighter in one of two classes, and a file that is no image."""
    rng = np.random.default_rng(0)
    for number in range(32):
        file = folder / ("ill" if number % 2 else "healthy") / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 200, (40, 32), dtype=np.uint8) + np.uint8(40 * (number % 2))).save(file)
    (folder / "healthy/notes.txt").write_text("not an image")


def test_one_of_each_is_in_the_tables_the_diff_and_the_page(tmp_path: Path) -> None:
    made = clone(tmp_path / "project")
    write_images(tmp_path / "images")
    extend(made, tmp_path / "images")
    made.forget_other_stages()
    made.commit()
    made.edit("params.yaml", choose)
    ran = stages_run(made.dvc("repro"))
    assert {"train@yours-mine", "explain@yours-mine", "report"} <= ran
    page = (made.path / "reports/index.html").read_text()
    summary = (made.path / "reports/summary.txt").read_text()
    metrics = json.loads((made.path / "metrics/metrics.json").read_text())
    assert metrics["dataset"] == "yours"
    assert "Youden" in summary.splitlines()[3]
    assert -1 <= metrics["test"]["youden"] <= 1
    assert "test.youden" in json.loads(made.dvc("metrics", "diff", "--json"))["metrics/metrics.json"]
    assert all(text in page for text in ("Youden", "Sign test", "HiResCAM", "Classes of the test set"))
    tests = json.loads((made.path / "metrics/comparison/yours/folds.json").read_text())
    assert "sign" in {pair["test"] for pair in tests["pairs"]}
    assert (made.path / "plots/explain/yours/mine/hires_cam.png").is_file()
    # the second model brings what only its recipe has: an autoencoder a fold, and a method that shows it
    history = pd.read_csv(made.path / "models/yours/rafiq_unet/reconstruction.csv")
    assert history[["fold", "epoch"]].to_numpy().tolist() == [[0, 1], [1, 1]]
    assert (made.path / "plots/explain/yours/rafiq_unet/unet_reconstruction.png").is_file()
    assert not (made.path / "plots/explain/yours/mine/unet_reconstruction.png").exists()
    assert all(text in page for text in ("Error of the autoencoders of rafiq_unet", "What the classifier sees"))
    rejected = pd.read_csv(made.path / "data/prepared/yours/rejected.csv")
    assert rejected.to_numpy().tolist() == [["healthy/notes.txt", "not an image"]]
