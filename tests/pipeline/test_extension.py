"""One of each kind of thing, added as CONTRIBUTING.md says, with no other edit of code, is in table, diff and page.

What else the small study changes makes it small: settings, and the number of pairs in the background of copies.
"""

import json
import re
from typing import Any

import pandas as pd
import pytest

from tests.additions import DATASET, METHOD, MODEL
from tests.project_clone import Clone, stages_run, yaml

pytestmark = pytest.mark.pipeline


def test_one_of_each_is_in_the_tables_the_diff_and_the_page(project: Clone) -> None:
    page = (project.path / "reports/index.html").read_text()
    summary = (project.path / "reports/summary.txt").read_text()
    metrics = json.loads((project.path / "metrics/metrics.json").read_text())
    assert metrics["dataset"] == DATASET
    assert "Youden" in summary.splitlines()[3]
    assert any(line.lstrip("*# ").startswith(MODEL) for line in summary.splitlines())
    assert -1 <= metrics["test"]["youden"] <= 1
    assert "test.youden" in json.loads(project.dvc("metrics", "diff", "--json", "HEAD~1"))["metrics/metrics.json"]
    assert re.search(r"<th[^>]*>[^<]*Youden", page)
    assert all(text in page for text in ("Sign test", "HiResCAM", "Classes of the test set"))
    tests = json.loads((project.path / f"metrics/comparison/{DATASET}/folds.json").read_text())
    assert "sign" in {pair["test"] for pair in tests["pairs"]}
    assert (project.path / f"plots/explain/{DATASET}/{MODEL}/{METHOD}.png").is_file()
    rejected = pd.read_csv(project.path / f"data/prepared/{DATASET}/rejected.csv")
    assert rejected.to_numpy().tolist() == [["healthy/p0000.txt", "not an image"]]


def test_model_with_autoencoders_brings_what_only_its_recipe_has(project: Clone) -> None:
    """A network a fold that is trained before the classifier, its history, and a method that shows it."""
    model = "rafiq_unet"

    def choose(params: dict[str, Any]) -> None:
        params |= {"model": model, "study": params["study"] | {"models": [model], "sources": [], "fractions": []}}
        params["explain"]["methods"] = ["grad_cam", "unet_reconstruction"]
        params["evaluate"]["tested"] = "mean"

    project.edit("params.yaml", choose)
    ran = stages_run(project.dvc("repro", f"explain@{DATASET}-{model}"))
    assert f"train@{DATASET}-{model}" in ran
    history = pd.read_csv(project.path / f"models/{DATASET}/{model}/reconstruction.csv")
    assert history[["fold", "epoch"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    assert (project.path / f"plots/explain/{DATASET}/{model}/unet_reconstruction.png").is_file()
    locked = yaml.load(project.path / "dvc.lock")["stages"][f"train@{DATASET}-{model}"]["outs"]
    assert [out["path"] for out in locked] == [f"models/{DATASET}/{model}"]
