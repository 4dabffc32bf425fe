"""Calibration of all models, and the diagram of the headline."""

from medtransfer import store
from medtransfer.report.blocks import Paragraph, Row, TableBlock
from medtransfer.report.sections.calibration import section
from medtransfer.report.settings import ReportSettings


def test_words_a_table_and_a_diagram_before_and_after_scaling(settings: ReportSettings) -> None:
    calibration = section(store, settings)
    *words, table, diagrams = calibration.blocks
    assert calibration.anchor == "calibration"
    assert all(isinstance(block, Paragraph) for block in words)
    assert isinstance(table, TableBlock)
    assert table.frame["model"].tolist() == settings.models
    assert "4 images of 4 groups" in table.caption
    assert isinstance(diagrams, Row)
    assert [picture.alternative_text.split(" scaling")[0] for picture in diagrams.pictures] == [
        "Reliability of both before",
        "Reliability of both after",
    ]
