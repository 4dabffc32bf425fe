"""The comparison on the held-out images."""

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medtransfer import store
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report.blocks import Items, Paragraph, Row, Section, Subsection, TableBlock
from medtransfer.report.sections.held_out import section
from medtransfer.report.settings import ReportSettings
from tests.report.comparison_results import results
from tests.report.finished_study import DATASET, report_settings

MODELS = ["cnn", "unet", "both"]


@pytest.fixture(autouse=True)
def study_to_report_on(settings: ReportSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished study in the working folder; figures are drawn and not saved, to save time."""
    monkeypatch.setattr(FigureCanvasAgg, "print_png", lambda *_, **__: None)


def of(comparison: HeldOutResults) -> Section:
    """The section on these results."""
    store.held_out_comparison(DATASET, HeldOutResults).write(comparison)
    return section(store, report_settings())


def test_every_pair_has_a_sentence_a_row_of_each_table_and_a_place_in_the_figures() -> None:
    shown = of(results(MODELS))
    first, sentences, cochran, _, forests, *rest = shown.blocks
    assert isinstance(first, Paragraph)
    assert "10 images of 4 groups" in first.text
    assert "Each two of 3 models are compared, 3 pairs" in first.text
    assert sentences == Items(results(MODELS).sentences)
    assert isinstance(cochran, Paragraph)
    assert "whether all 3 models are right equally often: Q = 7.5 with 2 degrees of freedom, p = 0.024." in cochran.text
    assert isinstance(forests, Row)
    accuracy, area = forests.pictures
    assert "cnn − unet: +50.0 (+12.5 to +75.0); cnn − both" in accuracy.alternative_text
    assert area.alternative_text.count("+0.250 (+0.125 to +0.375)") == 3
    tables = [block for block in rest if isinstance(block, TableBlock)]
    assert [len(table.frame) for table in tables] == [3, 3, 3, 3]
    assert all("10 images of 4 groups" in table.caption for table in tables)
    assert "accuracy" not in tables[-1].frame


def test_what_takes_images_as_independent_says_so_only_of_groups_of_several() -> None:
    caveat = "p and interval take images as independent, which these are not"
    assert caveat in captions(of(results(MODELS)))
    assert caveat not in captions(of(replace(results(MODELS), groups=10)))


def captions(shown: Section) -> str:
    return " ".join(block.caption for block in shown.blocks if isinstance(block, TableBlock))


def test_roc_curves_are_of_the_positive_class() -> None:
    part = next(block for block in of(results(MODELS)).blocks if isinstance(block, Subsection) and "ROC" in block.title)
    row = part.blocks[0]
    assert isinstance(row, Row)
    (picture,) = row.pictures
    assert picture.alternative_text.startswith("ROC curves of all models, ill against the rest. Areas: both ")
    assert picture.caption == "ill against the rest, on the 4 held-out images."


def test_a_baseline_is_named() -> None:
    first, sentences, *_ = of(results(MODELS, "unet")).blocks
    assert isinstance(first, Paragraph)
    assert "Each other model is compared with the baseline unet alone, 2 pairs" in first.text
    assert isinstance(sentences, Items)
    assert len(sentences.sentences) == 2


def test_one_model_has_nothing_to_be_compared_with() -> None:
    shown = of(HeldOutResults(10, 4, None, {"cnn": 0.5}, None, [], [], None))
    (only,) = shown.blocks
    assert isinstance(only, Paragraph)
    assert "one model, so there is nothing to compare" in only.text
