"""A source of weights in real DVC: it is not trained again for another target that shares no image with it."""

from typing import Any

import pytest

from tests.project_clone import Clone, clone, shrink, stages_run

pytestmark = pytest.mark.pipeline

SOURCE = "shapes-source_cnn"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Small sets: the phantom as target, the other scanner's beside it, shapes as the source of a model."""
    made = clone(tmp_path_factory.mktemp("project"))
    shrink(made)

    def params(content: dict[str, Any]) -> None:
        others = {"other_datasets": ["phantom_shifted", "shapes"], "sources": [SOURCE]}
        content |= {
            "model": "small_cnn",
            "study": content["study"] | others | {"models": ["small_cnn", "small_cnn_frozen"]},
        }

    def datasets(content: dict[str, Any]) -> None:
        content["phantom"]["source"] |= {"patients": 16, "slices_per_patient": 1}
        content["phantom_shifted"]["source"] |= {"size": 32, "patients": 16, "slices_per_patient": 1}
        content["shapes"]["source"] |= {"size": 32, "images": 144}
        for name in list(content["shapes"]["classes"])[4:]:  # a third of the images
            del content["shapes"]["classes"][name]
        content["phantom_shifted"]["image_size"] = content["shapes"]["image_size"] = 32

    made.edit("params.yaml", params)
    made.edit("catalog/datasets.yaml", datasets)
    made.dvc("repro", "features")
    made.commit()
    return made


def test_source_is_trained_and_its_features_reach_the_models_that_start_from_it(project: Clone) -> None:
    assert (project.path / f"models/sources/{SOURCE}/fold-0.keras").is_file()
    sizes = {name: (project.path / f"data/features/phantom/{name}.npy").stat().st_size
             for name in ("small_cnn", "small_cnn_frozen")}  # fmt: skip
    assert sizes["small_cnn_frozen"] > sizes["small_cnn"], "a network that is trained has no features"


def test_another_target_trains_no_source(project: Clone) -> None:
    def switch(content: dict[str, Any]) -> None:
        content["dataset"] = "phantom_shifted"
        content["study"]["other_datasets"] = ["phantom", "shapes"]

    project.edit("params.yaml", switch)
    ran = stages_run(project.dvc("repro", "features"))
    assert "overlap" in ran
    assert "features@phantom_shifted-small_cnn_frozen" in ran
    assert not [name for name in ran if name.startswith("source")]
    project.run("git", "checkout", "params.yaml")
    project.dvc("checkout", "--force", check=False)


def test_another_recipe_of_the_source_trains_it_and_what_starts_from_it_alone(project: Clone) -> None:
    def edit(recipes: dict[str, Any]) -> None:
        recipes["source_cnn"]["training"]["learning_rate"] = 0.01

    project.edit("catalog/models.yaml", edit)
    ran = stages_run(project.dvc("repro", "features"))
    assert ran == {"check", f"source@{SOURCE}", "transfer", "features@phantom-small_cnn_frozen"}
