"""What docs/papers.md says of a paper and its small study."""

import pytest

from medtransfer.report.paper_tables import printed_accuracy
from medtransfer.report.small_studies import PREFIX, block, table
from medtransfer.settings.load import load, load_params
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.study import STUDIES, study_of
from medtransfer.store.interval import Interval
from medtransfer.store.study_records import StudyResult
from tests.conftest import ROOT

PAPERS, SETTINGS = load_reported(ROOT), load(ROOT)
SMALL = sorted(path.stem for path in (ROOT / STUDIES).glob(f"{PREFIX}*.yaml"))


def result(strategy: str, accuracy: float) -> StudyResult:
    scores = {"accuracy": Interval(accuracy, accuracy - 0.1, accuracy + 0.1)}
    models = {"small_jardim_cnn": scores, "small_jardim_mobilenetv2": scores}
    sentences = [f"They differ ({strategy})."]
    counts = (2400, 600, 90, 575 if strategy == "random" else 0)
    return StudyResult("small-jardim2024", "br35h", strategy, *counts, models, sentences, {"small_jardim_cnn": [3, 4]})


def test_every_paper_has_a_small_study_whose_models_stand_in_for_its_own() -> None:
    assert [name.removeprefix(PREFIX) for name in SMALL] == sorted(PAPERS)
    for name in SMALL:
        paper, params = PAPERS[name.removeprefix(PREFIX)], load_params(ROOT, STUDIES / f"{name}.yaml")
        assert params.study.models == tuple(paper.stand_ins)
        assert {model for of in paper.stand_ins.values() for model in of} <= SETTINGS.recipes.keys()


def test_row_has_the_paper_and_both_splits() -> None:
    rows = table(PAPERS["jardim2024"], result("random", 0.9), result("grouped", 0.7))
    row = rows.set_index("model here").loc["small_jardim_cnn"]
    assert row["in place of"] == "jardim_cnn"
    assert row["paper"] == "0.997"
    assert row["accuracy as the paper split"] == "0.900 (0.80 to 1.00)"
    assert row["accuracy without leakage"] == "0.700 (0.60 to 0.80)"
    assert row["AUC without leakage"] == "–"
    assert row["epochs kept without leakage"] == "3, 4"


def test_several_models_of_a_paper_have_their_lowest_and_highest_accuracy() -> None:
    of = PAPERS["liaqat2024"].stand_ins["small_liaqat_imagenet"]
    assert printed_accuracy(PAPERS["liaqat2024"], of) == "0.883 to 0.978"
    assert printed_accuracy(PAPERS["liaqat2024"], ["no_such_model"]) == "–"


def test_sentences_are_those_without_leakage() -> None:
    text = block(PAPERS["jardim2024"], [result("grouped", 0.7), result("random", 0.9)], SETTINGS)
    assert "- They differ (grouped).\n" in text
    assert "(random)." not in text
    assert "600 test images of 90 groups; 575 test images have a copy" in text
    assert "Without leakage" not in block(PAPERS["jardim2024"], [result("random", 0.9)], SETTINGS)


@pytest.mark.parametrize("name", SMALL)
def test_study_is_known_on_any_split(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    params = load_params(file=STUDIES / f"{name}.yaml")
    grouped = params.split.model_copy(update={"strategy": "grouped"})
    assert study_of(params.model_copy(update={"split": grouped})) == name
    assert study_of(params.model_copy(update={"seed": 7})) is None
