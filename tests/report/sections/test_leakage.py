"""The leakage audit."""

from medtransfer import store
from medtransfer.report.blocks import Picture, Subsection, TableBlock
from medtransfer.report.sections.leakage import section
from medtransfer.report.settings import ReportSettings


def test_audit_has_a_table_and_the_figures_of_the_split(settings: ReportSettings) -> None:
    table, bars, gallery, groups = section(store, settings).blocks
    assert isinstance(table, TableBlock)
    assert isinstance(bars, Picture)
    assert isinstance(gallery, Picture)
    assert isinstance(groups, Subsection)
    assert table.frame["strategy"].tolist() == ["grouped", "random"]
    assert "random: 50.0% of the test images have a copy" in bars.alternative_text
    contents = [block.content for block in (bars, gallery, *groups.blocks) if isinstance(block, Picture)]
    assert contents == [b"audit", b"gallery", b"groups", b"closest"]
