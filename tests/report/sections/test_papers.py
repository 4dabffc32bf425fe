"""Papers beside what is measured here."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Items, Note, Subsection, TableBlock
from medtransfer.report.sections.papers import section
from medtransfer.report.settings import ReportSettings


def test_paper_has_a_table_notes_and_remarks(settings: ReportSettings) -> None:
    shown = section(store, settings)
    assert shown
    paper, _ = shown.blocks
    assert isinstance(paper, Subsection)
    assert paper.title == "A paper (2024)"
    table, note, _, remarks = paper.blocks
    assert isinstance(table, TableBlock)
    row = table.frame.iloc[0]
    assert row.tolist() == ["cnn", "accuracy", "test", "0.900", "0.500", "-0.400", "Table 1 [1]"]
    assert note == Note("[1] read off a figure")
    assert remarks == Items(("The text says otherwise.",))


def test_left_out_where_no_paper_has_the_data_set(settings: ReportSettings) -> None:
    assert section(store, replace(settings, dataset="e")) is None
