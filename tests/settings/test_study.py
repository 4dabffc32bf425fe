"""Which studies a name stands for, and what making one active refuses."""

from pathlib import Path

import pytest

from medtransfer.settings import study
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.study import families, meant
from tests.conftest import ROOT

PAPERS = load_reported(ROOT)
NAMES = sorted(path.stem for path in (ROOT / "studies").glob("*.yaml"))


def test_a_paper_with_several_data_sets_stands_for_all_of_them_in_its_order() -> None:
    assert meant("vardhan2023", NAMES, PAPERS) == [
        *("vardhan2023-nickparvar", "vardhan2023-leukemia", "vardhan2023-chest-xray")
    ]
    more = [*NAMES, "vardhan2023-ablations"]  # a study of the paper, but of no other data set
    assert families(more, PAPERS) == families(NAMES, PAPERS)


def test_each_study_of_a_paper_is_of_the_data_set_that_it_is_named_for() -> None:
    for studies in families(NAMES, PAPERS).values():
        for dataset, name in studies.items():
            assert f"dataset: {dataset}\n" in (ROOT / f"studies/{name}.yaml").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_other_name_is_one_study(name: str) -> None:
    assert meant(name, NAMES, PAPERS) == [name]


def test_a_wrong_name_is_refused_with_the_closest_and_with_papers() -> None:
    with pytest.raises(
        UserError, match=r"no study called 'vardhan2O23'; did you mean vardhan2023\?.*: make study STUDY=vardhan2023$"
    ):
        meant("vardhan2O23", NAMES, PAPERS)


def test_study_replaces_another_study_and_no_changes_of_one_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study, "_committed", lambda: False)
    (tmp_path / "studies").symlink_to(ROOT / "studies")
    Path("params.yaml").write_bytes((ROOT / "studies/jardim2024.yaml").read_bytes())
    study.main("vardhan2023-leukemia")
    assert load_params().dataset == "leukemia"
    Path("params.yaml").write_text(Path("params.yaml").read_text().replace("seed: 42", "seed: 43"))
    with pytest.raises(UserError, match="changes of yours that a study would overwrite"):
        study.main("jardim2024")
    assert load_params().seed == 43
