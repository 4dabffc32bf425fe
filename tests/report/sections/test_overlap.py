"""Images shared with other data sets."""

from medtransfer import store
from medtransfer.report.blocks import TableBlock
from medtransfer.report.sections.overlap import section
from medtransfer.report.settings import ReportSettings


def test_row_for_each_other_data_set_and_none_without_others(settings: ReportSettings) -> None:
    shown = section(store, settings)
    assert shown
    (table,) = shown.blocks
    assert isinstance(table, TableBlock)
    assert table.frame["compared with"].tolist() == ["e"]
    store.overlap().write({"pairs": []})
    assert section(store, settings) is None
