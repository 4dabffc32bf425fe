"""Papers beside what is measured here."""

from dataclasses import replace
from pathlib import Path

from medtransfer import store
from medtransfer.report.blocks import Details, Facts, Items, Note, Paragraph, Subsection, TableBlock
from medtransfer.report.sections.papers import section
from medtransfer.report.settings import ReportSettings
from tests.report.finished_study import PAPER


def test_paper_has_a_table_notes_and_remarks(settings: ReportSettings) -> None:
    shown = section(store, settings)
    assert shown
    paper, _ = shown.blocks
    assert isinstance(paper, Subsection)
    assert paper.title == "A paper (2024)"
    table, note, images, _, remarks, differences, names, literature = paper.blocks
    assert isinstance(table, TableBlock)
    row = table.frame.iloc[0]
    assert row.tolist() == ["cnn", "accuracy", "test", "0.900", "0.500", "-0.400", "Table 1 [1]"]
    assert note == Note("[1] read off a figure")
    assert remarks == Items(("The text says otherwise.",))
    assert isinstance(images, TableBlock)
    assert images.frame.to_numpy().tolist() == [
        ["training", "5", "4", "Table 2"],
        ["test", "4", "4", "Table 2"],
        ["total", "9", "12", "Table 2"],
    ]
    assert images.caption.endswith("The paper: about nine.")
    assert names == Details("What the paper calls the models", [Facts({"cnn": "CNN"})])
    assert isinstance(literature, Details)
    (works,) = literature.blocks
    assert isinstance(works, TableBlock)
    assert works.frame.to_numpy().tolist() == [["A network", "[7]", "elsewhere", "0.99", "Introduction"]]
    assert isinstance(differences, TableBlock)
    assert differences.frame.to_numpy().tolist() == [["not stated: batches", "of 32", "usual"]]


def test_left_out_where_no_paper_has_the_data_set(settings: ReportSettings) -> None:
    assert section(store, replace(settings, dataset="e")) is None


def test_small_study_says_what_its_models_stand_in_for(settings: ReportSettings) -> None:
    in_place = "datasets: [d]\n  stand_ins: {cnn: [large]}"
    small = PAPER.replace("model: cnn", "model: large").replace("datasets: [d]", in_place)
    Path("catalog/reported.yaml").write_text(small)
    shown = section(store, settings)
    assert shown is not None
    (part,) = shown.blocks
    assert isinstance(part, Subsection)
    paragraph, table = part.blocks
    assert isinstance(paragraph, Paragraph)
    assert "studies/small-paper2024.yaml" in paragraph.text
    assert isinstance(table, TableBlock)
    assert table.frame.iloc[0].tolist() == ["cnn", "large", "0.900", "0.500<small>0.15 to 0.85</small>"]
