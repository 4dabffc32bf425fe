"""One page on all data sets of a paper."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medtransfer import store
from medtransfer.report import across
from medtransfer.report.datasets_of_paper import OfDataset, dots, printed_scores, together
from medtransfer.report.papers import Measured
from medtransfer.settings.load import load_params
from medtransfer.settings.load_reported import load_reported
from tests.conftest import ROOT
from tests.evaluations import evaluation, scores

PAPER = load_reported(ROOT)["vardhan2023"]
OURS = evaluation(scores(accuracy=0.75), (0.5,))
PRINTED = {dataset: printed_scores(PAPER, dataset) for dataset in PAPER.datasets}


def datasets(**run: dict[str, float]) -> dict[str, OfDataset]:
    """The paper's data sets, of which some models have been run, with these accuracies."""
    measured = {
        dataset: Measured({model: evaluation(scores(accuracy=value)) for model, value in models.items()})
        for dataset, models in run.items()
    }
    return {name: OfDataset(f"vardhan2023-{name}", measured.get(name, Measured({})), None) for name in PAPER.datasets}


def test_printed_scores_are_those_of_the_whole_test_set() -> None:
    assert PRINTED["nickparvar"]["vardhan_resnet50"] == [0.9893, 0.9809]  # the paper prints two, and one of validation
    assert PRINTED["leukemia"] == {
        **{"vardhan_vgg16_binary": [0.692], "vardhan_inceptionv3": [0.7514], "vardhan_resnet50": [0.8627]}
    }


def test_table_has_a_row_for_each_model_and_says_what_has_not_been_run() -> None:
    table = together(PRINTED, datasets(nickparvar={"vardhan_vgg16": 0.75}, leukemia={"vardhan_resnet50": 0.5}))
    assert table.columns.tolist() == ["model", "nickparvar", "leukemia", "chest-xray"]
    cells = {row["model"]: [cell.striptags() for cell in list(row)[1:]] for _, row in table.iterrows()}
    assert cells == {
        "vardhan_vgg16": ["0.750 (0.69 to 0.81)paper: 0.920", "–", "not runpaper: 0.842"],
        "vardhan_inceptionv3": ["not runpaper: 0.861", "not runpaper: 0.751", "not runpaper: 0.756"],
        "vardhan_resnet50": ["not runpaper: 0.989, 0.981", "0.500 (0.44 to 0.56)paper: 0.863", "not runpaper: 0.846"],
        "vardhan_vgg16_binary": ["–", "not runpaper: 0.692", "–"],
    }


def test_figure_has_a_panel_for_each_data_set_and_ours_where_they_are() -> None:
    figure = dots(PRINTED, datasets(nickparvar={"vardhan_vgg16": 0.75}))
    assert [axis.get_title("left") for axis in figure.axes] == [
        "nickparvar",
        "leukemia: not run",
        "chest-xray: not run",
    ]
    assert [len(axis.lines) for axis in figure.axes] == [5, 3, 3]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["paper", "ours"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue and the studies; one data set has been run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(FigureCanvasAgg, "print_png", lambda *_, **__: None)
    for name in ("catalog", "studies"):
        (tmp_path / name).symlink_to(ROOT / name)
    store.metrics("leukemia", "vardhan_resnet50").write(replace(OURS, dataset="leukemia", strategy="random"))
    split = {"id": ["a", "b", "c"], "partition": ["test", "development", "development"], "fold": [-1, 0, -1]}
    store.split("leukemia").write(pd.DataFrame(split))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("study", ["vardhan2023", "vardhan2023-leukemia"])
def test_page_is_written_from_what_there_is(study: str, capsys: pytest.CaptureFixture[str]) -> None:
    across.main(load_params(ROOT), study)
    sentence = "data sets of the paper that have been run here: leukemia; not run: nickparvar, chest-xray"
    assert capsys.readouterr().out == f"reports/vardhan2023.html: {sentence}\n"
    html = store.page_of_paper("vardhan2023").read()
    assert f"{sentence.capitalize()}." in html
    assert re.findall(r"make study STUDY=([\w-]+) runs", html) == ["vardhan2023-nickparvar", "vardhan2023-chest-xray"]
    assert "<td>0.863</td><td>0.750</td><td>-0.113</td>" in html  # of leukaemia, beside the paper
    assert '<th scope="row">training</th><td>6090</td><td>1</td>' in html
    assert "split: random." in html
    assert html.count("This data set has not been run here") == 2


@pytest.mark.usefixtures("project")
def test_study_of_one_data_set_has_no_such_page(capsys: pytest.CaptureFixture[str]) -> None:
    across.main(load_params(ROOT), "jardim2024")
    assert capsys.readouterr().out == ""
    assert not Path("reports").exists()
