"""The resolved configuration, which stages depend on, changes for those that use what was changed, and for no other."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from medtransfer.process import stage_server
from medtransfer.settings import resolved
from medtransfer.settings.augmentation import Augmentation
from medtransfer.settings.load import load
from medtransfer.settings.recipes import Plateau, Recipe
from tests.conftest import ROOT, tiny_recipe
from tests.data.archives import entry
from tests.plain_study import plain
from tests.servers import ready_server

yaml = YAML(typ="safe")
FROZEN, FROZEN_AUGMENTED, TRAINED_AUGMENTED, FOCAL, COSTLY = (
    "vgg16",
    "vardhan_vgg16_binary",
    "vardhan_resnet50",
    "simple_cnn",
    "resnet50v2",
)
MODELS = [FROZEN, FROZEN_AUGMENTED, TRAINED_AUGMENTED, FOCAL, COSTLY]


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = yaml.load(path)
    change(content)
    with path.open("w") as stream:
        yaml.dump(content, stream)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def check(project: Path) -> dict[str, bytes]:
    """Run the stage; what it wrote, by path."""
    # Edits within one second, of one length, would leave Python's compiled files of the code before.
    environment = os.environ | {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    environment[stage_server.ADDRESS] = ready_server(*stage_server.LIBRARIES)
    subprocess.run([sys.executable, "-m", "stages.check"], cwd=project, env=environment, check=True)
    folder = project / "data/settings"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code and configuration, with a study of four models and two data sets."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("src", "stages", "catalog"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "params.yaml", folder)

    def study(params: dict[str, Any]) -> None:
        plain(params)
        params |= {"dataset": "br35h", "model": FOCAL}
        params["study"] |= {"models": MODELS, "other_datasets": ["phantom"]}
        params["leakage"]["model"] = FROZEN

    def recipes(models: dict[str, Any]) -> None:
        models[FROZEN_AUGMENTED]["training"]["plateau"].pop("patience")
        models[FROZEN_AUGMENTED]["backbone"]["augmentation"].pop("views")
        models[FOCAL]["training"]["loss"] = {"kind": "focal"}
        models[COSTLY]["training"]["loss"] = {"kind": "expected_cost"}

    edit(folder / "params.yaml", study)
    edit(folder / "catalog/models.yaml", recipes)
    edit(folder / "catalog/datasets.yaml", lambda datasets: datasets["br35h"].update(healthy=None))
    return folder


@pytest.fixture(scope="module")
def before(project: Path) -> dict[str, bytes]:
    """What the stage writes of the project as it stands."""
    return check(project)


@pytest.mark.long
def test_every_part_is_written_with_its_defaults(before: dict[str, bytes]) -> None:
    parts = {f"datasets/{name}/{part}.json" for name in ("phantom", "br35h") for part in
             ("card", "classes", "decoding", "origin")}  # fmt: skip
    parts |= {f"models/{name}/{part}.json" for name in MODELS for part in ("backbone", "model")}
    parts |= {f"{name}.json" for name in ("headline", "leakage", "robustness", "source_datasets", "transfer")}
    assert {name for name in before if not name.startswith("stages/")} == parts
    recipe = json.loads(before[f"models/{FROZEN_AUGMENTED}/model.json"])["recipe"]
    assert recipe["backbone"]["augmentation"]["views"] == Augmentation.model_fields["views"].default
    assert recipe["training"]["plateau"]["patience"] == Plateau.model_fields["patience"].default
    assert recipe["backbone"]["precision"] == "float32"


@pytest.mark.long
def test_derived_values_are_written(project: Path, before: dict[str, bytes]) -> None:
    settings, decoding = load(project), json.loads(before["datasets/phantom/decoding.json"])
    assert json.loads(before[f"models/{COSTLY}/model.json"])["healthy"] == "healthy"  # the class that is not positive
    assert json.loads(before[f"models/{FOCAL}/model.json"])["healthy"] is None  # its loss does not ask for it
    assert decoding["image_size"] == settings.dataset("phantom").image_size
    assert decoding["interpolation"] == "bilinear"
    drawn = {name: json.loads(before[f"models/{name}/model.json"])["recipe"]["backbone"] for name in MODELS}
    assert drawn[FROZEN]["initialisation"] == "lsuv"
    assert drawn[FOCAL]["initialisation"] == "keras"  # its backbone is trained
    assert drawn[TRAINED_AUGMENTED]["initialisation"] is None  # of pretrained weights
    assert decoding["max_rejected"] == settings.params.prepare.max_rejected


EDITS: dict[str, tuple[str, str, str, set[str]]] = {
    "views of an augmented image": (
        "augmentation.py", "_count_or_fresh)] = 4", "_count_or_fresh)] = 5",
        {f"models/{FROZEN_AUGMENTED}/backbone.json", f"models/{FROZEN_AUGMENTED}/model.json"},
    ),
    "patience of a plateau": (
        "recipes.py", "patience: Count = 3", "patience: Count = 4", {f"models/{FROZEN_AUGMENTED}/model.json"}
    ),
    "gamma of the focal loss": (
        "recipes.py", "le=10)] = 2.0", "le=10)] = 1.0", {f"models/{FOCAL}/model.json"}
    ),
    "cost of a missed case": (
        "recipes.py", "lt=math.inf)] = 5.0", "lt=math.inf)] = 6.0", {f"models/{COSTLY}/model.json"}
    ),
    "which class is healthy": (
        "datasets.py", "return others[0] if", "return self.positive if", {f"models/{COSTLY}/model.json"}
    ),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", EDITS)
def test_a_changed_default_changes_the_files_of_those_that_use_it(
    project: Path, before: dict[str, bytes], name: str
) -> None:
    file, old, new, expected = EDITS[name]
    path = project / "src/medtransfer/settings" / file
    replace(path, old, new)
    after = check(project)
    replace(path, new, old)
    assert after.keys() == before.keys()
    stages = {"stages/report.json"}
    for part in expected:
        model = part.split("/")[1]
        trained = {f"stages/train/{model}.json", f"stages/fractions/{model}.json", "stages/compare.json"}
        stages |= trained if part.endswith("model.json") else {f"stages/features/{model}.json"}
    assert {part for part in after if after[part] != before[part]} == expected | stages


def test_only_the_refit_changes_what_a_model_is_trained_for(project: Path) -> None:
    """And nothing that the leakage experiment or a frozen backbone's features depend on."""
    settings = load(project)
    weights: resolved.Weights = {"kind": "imagenet"}

    def parts(tested: Literal["mean", "folds", "refit"]) -> list[BaseModel]:
        params = settings.params.model_copy(
            update={"evaluate": settings.params.evaluate.model_copy(update={"tested": tested})}
        )
        variant = replaced(settings, params=params)
        model, backbone = resolved.model(variant, FROZEN, weights), resolved.backbone(variant, FROZEN, weights)
        return [model, backbone, resolved.leakage(variant, weights)]

    mean, folds, refit = parts("mean"), parts("folds"), parts("refit")
    assert mean == folds
    assert [one == other for one, other in zip(mean, refit, strict=True)] == [False, True, True]


def test_leakage_experiment_takes_stored_views_in_place_of_fresh_ones() -> None:
    """It trains fifteen times on the same images."""

    def given(trainable: str, views: int | str) -> tuple[Recipe, Recipe]:
        recipe = tiny_recipe("simple_cnn", trainable, augmentation={"zoom": 0.1, "views": views})
        return recipe, resolved.with_stored_views(recipe)

    fresh, stored = given("none", "fresh")
    assert (fresh.backbone.stored, stored.backbone.stored) == (False, True)
    assert stored.backbone.augmentation.stored_views == Augmentation.model_fields["views"].default
    for unchanged in (("none", 9), ("all", "fresh")):
        before, after = given(*unchanged)
        assert before == after


def test_axes_and_borders_count_where_a_change_uses_them() -> None:
    def resolved_of(**changes: object) -> Augmentation:
        recipe = tiny_recipe("simple_cnn", augmentation={"zoom_axes": "each", "fill": "reflect"} | changes)
        return resolved.in_effect(recipe).backbone.augmentation

    used = [resolved_of(**{key: 0.1}) for key in ("zoom", "rotation", "crop")]
    assert [one.zoom_axes for one in used] == ["each", "together", "together"]
    assert [one.fill for one in used] == ["reflect", "reflect", "nearest"]


def test_an_activation_counts_where_there_are_hidden_layers() -> None:
    recipe = tiny_recipe("simple_cnn")
    tanh = recipe.head.model_copy(update={"activation": "tanh"})
    resolved_heads = [
        resolved.in_effect(recipe.model_copy(update={"head": head})).head
        for head in (tanh, tanh.model_copy(update={"dense": ()}))
    ]
    assert [head.activation for head in resolved_heads] == ["tanh", "relu"]


@pytest.mark.long
def test_what_a_study_drops_is_removed(project: Path, before: dict[str, bytes]) -> None:
    params = (project / "params.yaml").read_bytes()
    edit(project / "params.yaml", lambda content: content["study"].update(models=[FROZEN, FOCAL], other_datasets=[]))
    after = check(project)
    (project / "params.yaml").write_bytes(params)
    items = {path.split("/")[1] for path in after if path.startswith(("datasets/", "models/"))}
    assert items == {"br35h", FROZEN, FOCAL}
    assert json.loads(after.pop("transfer.json")).keys() < json.loads(before["transfer.json"]).keys()
    for stage in ("transfer", "compare", "report"):
        after.pop(f"stages/{stage}.json")
    assert all(after[path] == before[path] for path in after)


def test_labels_become_numbers_in_the_order_of_the_classes() -> None:
    classes = resolved.classes(entry())
    assert classes.names == ["healthy", "tumour"]
    assert classes.codes(["tumour", "healthy", "tumour"]).tolist() == [1, 0, 1]
    assert (classes.code("tumour"), classes.code(None)) == (1, None)


def test_healthy_is_named_where_several_classes_are_diseases() -> None:
    several = {"classes": {"healthy": ["a/*"], "glioma": ["b/*"], "meningioma": ["c/*"]}, "positive": None}
    assert resolved.classes(entry(**several, healthy="healthy")).healthy == "healthy"
    assert resolved.classes(entry(**several, healthy=None)).healthy is None
    assert resolved.classes(entry(healthy="healthy")).healthy is None
