"""What a change reruns, and what comes out: the small study in real DVC. Its headline model has a frozen backbone."""

import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.additions import DATASET
from tests.project_clone import Clone, stages_run
from tests.small_study import FROZEN, OPENED_FILE, PATIENTS, SHARED, SLICES, SOURCE, TRAINED

pytestmark = pytest.mark.pipeline

MODELS = (TRAINED, FROZEN)


@pytest.fixture(autouse=True)
def back_to_the_commit(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test, the clone is as it was: DVC restores from its cache what the test moved."""
    yield
    if "project" in request.fixturenames:
        made = request.getfixturevalue("project")
        if not made.run("git", "status", "--porcelain").stdout:
            return
        made.run("git", "reset", "--quiet", "--hard")  # a failed `dvc exp run` leaves its changes staged
        made.dvc("checkout", "--force", check=False)


def metrics(made: Clone) -> dict[str, Any]:
    return json.loads((made.path / "metrics/metrics.json").read_text())


def test_everything_is_made(project: Clone) -> None:
    for model in MODELS:
        assert (project.path / f"models/yours/{model}/fold-1.keras").is_file()
        assert (project.path / f"plots/explain/yours/{model}/grad_cam.png").is_file()
    assert TRAINED in (project.path / "reports/summary.txt").read_text()
    assert (project.path / f"data/prepared/{DATASET}/masks.npz").is_file()
    assert metrics(project)["model"] == FROZEN
    robustness = json.loads((project.path / f"metrics/robustness/yours/{FROZEN}.json").read_text())
    assert robustness["plain"]["value"] == pytest.approx(metrics(project)["test"]["accuracy"])


def test_stages_read_no_settings_but_those_that_they_depend_on(project: Clone) -> None:
    lines = (project.path / OPENED_FILE).read_text().splitlines()
    opened = {tuple(line.split("\t")) for line in lines if not line.startswith("check\t")}
    assert {stage for stage, _, _ in opened} >= {"download", "prepare", "features", "train", "explain", "report"}
    folder = project.path / "data/settings/stages"
    for stage, item, path in opened:
        listed = folder / stage / f"{item}.json"
        hashes = json.loads((listed if listed.is_file() else folder / f"{stage}.json").read_text())
        assert path in hashes, f"{stage} reads {path}; add it to its row in src/medtransfer/store/stage_settings.py"


def test_second_run_does_nothing(project: Clone) -> None:
    assert stages_run(project.dvc("repro")) == set()
    assert "up to date" in project.dvc("status")


def test_experiments_are_listed_in_few_columns_metrics_first(project: Clone) -> None:
    """By the command that `make experiments` runs, as CSV."""
    shown = project.run("make", "--dry-run", "experiments").stdout
    drop = re.search(r"dvc exp show --drop '([^']+)'", shown)
    assert drop
    recipe = "catalog/models.yaml:mine.training.learning_rate=0.5"
    project.dvc("exp", "run", "-S", recipe, "-S", "model=mine", "check")
    shown = project.dvc("exp", "show", "--csv", "--drop", drop[1])
    table = pd.read_csv(io.StringIO(shown[shown.index("Experiment,") :]))
    columns = table.columns.to_list()
    own = [column for column in columns if "youden" in column]  # of the reader's metric
    assert len(columns) - len(own) <= 50
    assert columns.index("test.accuracy") < columns.index("seed") < columns.index("recipe.learning_rate")
    assert ["mine", 0.5] in table[["params.yaml:model", "recipe.learning_rate"]].to_numpy().tolist()


def test_other_default_reruns_the_models_that_use_it_and_no_other(project: Clone) -> None:
    """In the schema, on which only `check` depends: small_cnn_frozen uses `views`, and no recipe here uses `gamma`."""
    zoom = {"zoom": 0.1}
    project.edit("catalog/models.yaml", lambda recipes: recipes[FROZEN]["backbone"].update(augmentation=zoom))
    project.dvc("repro", "check")
    project.dvc("commit", "--force", *(f"{stage}@yours-{FROZEN}" for stage in ("features", "train")))
    for file, key, other in (("augmentation", "views", "5"), ("recipes", "gamma", "3.0")):
        schema = project.path / f"src/medtransfer/settings/{file}.py"
        text, count = re.subn(rf"(    {key}: .*\] = )[\d.]+", rf"\g<1>{other}", schema.read_text())
        assert count == 1
        schema.write_text(text)
    project.dvc("repro", "check")
    stale = {name for name in json.loads(project.dvc("status", "--json")) if name.startswith("train")}
    assert stale == {f"train@yours-{FROZEN}"}


def test_editing_a_recipe_trains_that_model_alone(project: Clone) -> None:
    """And the leakage experiment, which has its recipe. DVC is asked what it would run, and what comes after that.

    It is the headline model, so what is made of that one follows too.
    """
    project.edit("catalog/models.yaml", lambda content: content[FROZEN]["training"].update(learning_rate=0.02))
    assert stages_run(project.dvc("repro", "check")) == {"check"}
    ran = stages_run(project.dvc("repro", "--dry", "--force-downstream"))
    alone = {f"{stage}@yours-{FROZEN}" for stage in ("train", "evaluate", "explain", "fractions")}
    headline = {f"robustness@yours-{FROZEN}", "headline"}
    assert ran == alone | headline | {"leakage@yours", "compare@yours", "report"}


def test_adding_a_model_trains_it_alone(project: Clone) -> None:
    project.edit("params.yaml", lambda content: content["study"]["models"].append("liaqat_cnn"))
    assert stages_run(project.dvc("repro", "check")) == {"check"}
    changed = set(json.loads(project.dvc("status", "--json")))
    alone = {f"{stage}@yours-liaqat_cnn" for stage in ("features", "train", "evaluate", "explain", "fractions")}
    assert changed == alone | {"transfer", "compare@yours", "report"}


def test_replaced_weights_file_reruns_the_model_that_starts_from_it_alone(project: Clone) -> None:
    """Nothing is trained: what is there is declared to be of the recipe, and DVC asked what is stale."""
    file, folds = project.path / "weights/mine.keras", project.path / "models/yours/mine"
    shutil.copy(folds / "fold-0.keras", file)
    project.edit(
        "catalog/models.yaml", lambda content: content[TRAINED]["backbone"].update(weights="weights/mine.keras")
    )
    project.dvc("repro", "check")
    stages = [f"{stage}@yours-mine" for stage in ("features", "train")]
    project.dvc("commit", "--force", *stages, "fractions@yours-mine", "compare", "report")
    shutil.copy(folds / "fold-1.keras", file)
    assert set(json.loads(project.dvc("status", "--json"))) == {"check"}, "all else is up to date"
    assert stages_run(project.dvc("repro", "check")) == {"check"}
    changed = set(json.loads(project.dvc("status", "--json")))
    assert {name for name in changed if name.startswith(("features", "train"))} == set(stages)
    file.unlink()
    refused = project.run("dvc", "repro", check=False)
    assert "there is no file weights/mine.keras with weights of my_network; put it there" in refused.stdout
    assert "Traceback" not in refused.stdout


def test_ensemble_is_compared_and_explained_like_a_model(project: Clone) -> None:
    """Its page is in report/test_page.py."""
    before, targets = metrics(project), ("compare", "robustness", "headline")
    project.edit("catalog/ensembles.yaml", lambda content: content.update(both={"members": list(MODELS)}))
    ran = stages_run(project.dvc("exp", "run", "-S", "study.ensembles=[both]", "-S", "model=both", *targets))
    assert ran == {
        "check",
        "ensemble@yours-both",
        "compare@yours",
        "explain_ensemble@yours-both",
        "robustness@yours-both",
        "headline",
    }
    headline = metrics(project)
    assert headline["model"] == "both"
    each = [pd.read_csv(project.path / f"plots/evaluate/yours/{name}/predictions.csv") for name in (*MODELS, "both")]
    classes = ["healthy", "ill"]
    np.testing.assert_allclose(each[2][classes], (each[0][classes] + each[1][classes]) / 2, atol=1e-7)
    right = (each[2][classes].idxmax(axis=1) == each[2]["actual"]).mean()
    assert headline["test"]["accuracy"] == pytest.approx(right)
    robustness = json.loads((project.path / "metrics/robustness/yours/both.json").read_text())
    assert robustness["plain"]["value"] == pytest.approx(right)
    assert (project.path / "plots/explain/yours/both/grad_cam.png").is_file()
    diff = json.loads(project.dvc("metrics", "diff", "--json"))["metrics/metrics.json"]
    assert (diff["model"]["old"], diff["model"]["new"]) == (FROZEN, "both")
    changed = diff["test.loss"]
    assert (changed["old"], changed["new"]) == (before["test"]["loss"], headline["test"]["loss"])
    assert "dvc_plots/index.html" in project.dvc("plots", "diff")
    page = (project.path / "dvc_plots/index.html").read_text()
    assert all(name in page for name in ("Validation accuracy", "ROC curve", "Confusion", "saliency"))
    comparison = json.loads((project.path / "metrics/comparison/yours/folds.json").read_text())
    assert {pair["b"] for pair in comparison["pairs"]} | {pair["a"] for pair in comparison["pairs"]} >= {"both"}
    assert set(json.loads(project.dvc("status", "--json"))) == {"report"}


def test_images_shared_with_other_data_sets_are_counted(project: Clone) -> None:
    """The first patients of one are all of the other's."""
    pairs = pd.DataFrame(json.loads((project.path / "metrics/external/overlap.json").read_text())["pairs"])
    exact = pairs.set_index(["dataset", "other"])[["images", "exact"]].to_dict("index")
    both = SHARED * SLICES
    assert exact[DATASET, "phantom"] == {"images": PATIENTS * SLICES, "exact": both}
    assert exact["phantom", DATASET] == {"images": both, "exact": both}
    assert exact[DATASET, "shapes"]["exact"] == 0


def test_another_data_set_is_prepared_alone(project: Clone) -> None:
    project.edit("params.yaml", lambda content: content["study"]["other_datasets"].append("phantom_shifted"))
    project.dvc("repro", "check")
    changed = set(json.loads(project.dvc("status", "--json")))
    assert changed == {"download_other@phantom_shifted", "prepare_other@phantom_shifted", "overlap", "report"}


def test_strategy_decides_the_split_and_what_leaks_and_a_restored_lock_trains_nothing(project: Clone) -> None:
    random = {"strategy": "random", "folds": 1, "validation_fraction": 0.2}
    project.edit("params.yaml", lambda content: content["split"].update(random))
    ran = stages_run(project.dvc("repro", "evaluate@yours-mine"))
    assert "train@yours-mine" in ran
    assert not {name for name in ran if name.startswith(("download", "prepare", "features"))}
    split = pd.read_csv(project.path / "data/splits/yours.csv", keep_default_na=False)
    assert split.groupby("group")["partition"].nunique().max() == 2, "random looks at no group"
    parts = split.groupby(["partition", "fold", "label"]).size().unstack()
    assert parts.index.to_list() == [("development", -1), ("development", 0), ("test", -1)]
    np.testing.assert_allclose(parts, np.outer([0.6, 0.2, 0.2], [14, 42]), atol=1)
    audit = json.loads((project.path / "metrics/leakage/yours.json").read_text())
    assert (audit["strategy"], set(audit["strategies"])) == ("random", {"grouped", "random"})
    assert audit["strategies"]["random"]["patient"] > 0 == audit["strategies"]["grouped"]["patient"]
    copy_free = json.loads((project.path / "metrics/yours/mine.json").read_text())["test_copy_free"]
    assert copy_free["images"] == (split[split["partition"] == "test"]["copy"] == "").sum()
    project.run("git", "checkout", "--force", ".")
    assert not {name for name in stages_run(project.dvc("repro")) if name.startswith(("train", "features"))}
    assert project.run("git", "status", "--porcelain").stdout == ""


MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "impossible value": (
        "params.yaml",
        lambda content: content["split"].update(folds=1),
        r"folds = 1 leaves nothing to validate on",
    ),
    "impossible recipe": (
        "catalog/models.yaml",
        lambda content: content["mine"]["backbone"].update(weights="imagenet"),
        "my_network has no ImageNet weights",
    ),
}


def assert_stopped_at_once(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    assert done.returncode != 0
    assert re.search(sentence, done.stdout), done.stdout
    assert stages_run(done.stdout) <= {"check"}
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_stops_before_anything_runs(project: Clone, mistake: str) -> None:
    file, change, sentence = MISTAKES[mistake]
    project.edit(file, change)
    assert_stopped_at_once(project.run("dvc", "repro", check=False), sentence)


def test_mistake_in_an_experiment_stops_before_anything_runs(project: Clone) -> None:
    start = time.monotonic()
    done = project.run("dvc", "exp", "run", "-S", "model=vgg61", check=False)
    assert_stopped_at_once(done, r"no model called 'vgg61'; did you mean vgg16\?")
    assert time.monotonic() - start < 30


def test_clone_that_pulls_has_everything_and_runs_nothing(project: Clone, tmp_path: Path) -> None:
    remote = tmp_path / "remote"
    project.dvc("remote", "add", "--local", "--default", "--force", "folder", str(remote))
    project.dvc("push")
    project.run("git", "clone", "--quiet", str(project.path), str(tmp_path / "pulled"))
    pulled = Clone(tmp_path / "pulled")
    pulled.dvc("remote", "add", "--local", "--default", "folder", str(remote))
    pulled.dvc("pull")
    assert (pulled.path / "reports/index.html").read_bytes() == (project.path / "reports/index.html").read_bytes()
    assert stages_run(pulled.dvc("repro")) == set()
    assert "up to date" in pulled.dvc("status")


@pytest.mark.parametrize("targets", [["split"], pytest.param([], marks=pytest.mark.slow)])
def test_clone_that_runs_alone_gives_the_same_lock(project: Clone, tmp_path: Path, targets: list[str]) -> None:
    """Its cache is empty. In every run the stages up to `split`; by `make slow`, all stages."""
    project.run("git", "clone", "--quiet", str(project.path), str(tmp_path / "fresh"))
    fresh = Clone(tmp_path / "fresh")
    ran = stages_run(fresh.dvc("repro", "--dry", "--force", "--allow-missing", "headline"))
    assert {name for name in ran if name.startswith("train")} == {f"train@yours-{FROZEN}"}
    ran = stages_run(fresh.dvc("repro", *targets))
    assert {"check", "download@yours", "prepare@yours", "duplicates@yours", "split@yours"} <= ran
    assert targets or {f"source@{SOURCE}", f"train@yours-{TRAINED}", "leakage@yours", "report"} <= ran
    assert fresh.run("git", "status", "--porcelain").stdout == ""
