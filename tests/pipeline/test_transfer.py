"""A source of weights in real DVC: it is not trained again for another target that shares no image with it."""

import json
from typing import Any

import pytest

from tests.project_clone import Clone, stages_run
from tests.small_study import FROZEN, SOURCE, TRAINED

pytestmark = pytest.mark.pipeline


def test_source_is_trained_and_its_features_reach_the_models_that_start_from_it(project: Clone) -> None:
    assert (project.path / f"models/sources/{SOURCE}/fold-0.keras").is_file()
    sizes = {name: (project.path / f"data/features/yours/{name}.npy").stat().st_size
             for name in (TRAINED, FROZEN)}  # fmt: skip
    assert sizes[FROZEN] > sizes[TRAINED], "a network that is trained has no features"


def test_another_target_trains_no_source(project: Clone) -> None:
    def switch(content: dict[str, Any]) -> None:
        content["dataset"] = "phantom"
        content["study"]["other_datasets"] = ["yours", "shapes"]

    project.edit("params.yaml", switch)
    assert "overlap" in stages_run(project.dvc("repro", "overlap"))
    changed = json.loads(project.dvc("status", "--json"))
    assert f"features@phantom-{FROZEN}" in changed
    assert not [name for name in changed if name.startswith("source")]
    project.run("git", "checkout", "params.yaml")
    project.dvc("checkout", "--force", check=False)


def test_another_recipe_of_the_source_trains_it_and_what_starts_from_it_alone(project: Clone) -> None:
    def edit(recipes: dict[str, Any]) -> None:
        recipes["source_cnn"]["training"]["learning_rate"] = 0.01

    project.edit("catalog/models.yaml", edit)
    ran = stages_run(project.dvc("repro", "features"))
    assert ran == {"check", f"source@{SOURCE}", "transfer", f"features@yours-{FROZEN}"}
