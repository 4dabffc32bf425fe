"""A subsection for each model."""

from pathlib import Path

import pytest

from medtransfer import store
from medtransfer.report.blocks import Details, Paragraph, Picture, Row, Subsection, TableBlock
from medtransfer.report.sections.models import section
from tests.report.finished_study import report_settings


@pytest.fixture(scope="module")
def parts(study: Path) -> dict[str, Subsection]:
    """The subsections by their title."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(study)
        return {part.title: part for part in section(store, report_settings()).subsections}


def test_every_model_is_shown_alike(parts: dict[str, Subsection]) -> None:
    assert list(parts) == ["both", "cnn", "unet"]
    for name, part in parts.items():
        maps = [Picture] * (2 if name == "unet" else 1)  # one for each explanation method
        otherwise = [Details] * (name == "cnn")  # a recipe of the paper
        expected = [Paragraph, *otherwise, TableBlock, Details, Picture, Row, *maps]
        assert [type(block) for block in part.blocks] == expected


def test_what_is_otherwise_in_the_paper_is_said_of_its_models(parts: dict[str, Subsection]) -> None:
    otherwise = parts["cnn"].blocks[1]
    assert isinstance(otherwise, Details)
    (table,) = otherwise.blocks
    assert isinstance(table, TableBlock)
    assert table.frame.to_numpy().tolist() == [["not stated: batches", "of 32", "usual"]]


def test_recipe_and_kept_epochs_are_said_of_a_model_and_members_of_an_ensemble(parts: dict[str, Subsection]) -> None:
    texts = {name: part.blocks[0].text for name, part in parts.items() if isinstance(part.blocks[0], Paragraph)}
    assert texts["cnn"].startswith("mobilenetv2 from random weights, frozen")
    assert texts["cnn"].endswith("Weights kept: fold 1: epoch 2; fold 2: epoch 3.")
    assert texts["both"] == "A soft-voting ensemble: the mean of the probabilities of cnn, unet."


def test_figures_are_described_in_numbers(parts: dict[str, Subsection]) -> None:
    row = parts["cnn"].blocks[5]
    assert isinstance(row, Row)
    roc, confusion = (picture.alternative_text for picture in row.pictures)
    assert roc == "ROC curves of cnn. Areas: ill 0.750."
    assert confusion == "Confusion of cnn: of 2 ill, 1 as ill, 1 as well; of 2 well, 1 as ill, 1 as well."
