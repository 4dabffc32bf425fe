"""Which files of settings and code a stage depends on, and whether the stage reads no other settings."""

from pathlib import Path

import pytest

from medtransfer.settings.load import load_params
from medtransfer.store.stage_code import code_of, stage_names
from medtransfer.store.stage_settings import READ, inputs
from stages import check
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What `check` writes of this project: hashes by path, by the file that a stage depends on."""
    project = tmp_path_factory.mktemp("project")
    for name in ("src", "stages", "catalog", "params.yaml"):
        (project / name).symlink_to(ROOT / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        check.main(load_params())
        return {artefact.path.as_posix(): artefact.read() for artefact, _ in inputs(load_params())}


def test_every_stage_has_a_file_with_its_code(written: dict[str, dict[str, str]]) -> None:
    folder = Path("data/settings/stages")
    stages = {name: Path(name).relative_to(folder).parts[0].removesuffix(".json") for name in written}
    assert set(stages.values()) == set(stage_names(ROOT)) - {"ensemble"}, "the default study has no ensemble"
    assert READ.keys() <= set(stage_names(ROOT))
    for name, stage in stages.items():
        assert code_of(stage, ROOT).items() <= written[name].items()


def test_training_depends_on_the_recipe_of_its_own_model(written: dict[str, dict[str, str]]) -> None:
    names = [name for name in written["data/settings/stages/train/vgg16.json"] if name.startswith("data/")]
    assert names == ["data/settings/datasets/phantom/classes.json", "data/settings/models/vgg16/model.json"]


def test_report_depends_on_all_settings_and_the_papers_tables(written: dict[str, dict[str, str]]) -> None:
    report = written["data/settings/stages/report.json"]
    others = {path for hashes in written.values() for path in hashes}
    assert {path for path in others if path.startswith("data/")} | {"catalog/reported.yaml"} <= report.keys()
    assert not any(path.startswith("data/settings/stages/") for path in report)
