"""The leakage experiment."""

from medtransfer import store
from medtransfer.report.blocks import Note, Picture, TableBlock
from medtransfer.report.sections.leakage_experiment import section
from medtransfer.report.settings import ReportSettings


def test_experiment_has_table_figure_and_text(settings: ReportSettings) -> None:
    table, picture, note = section(store, settings).blocks
    assert isinstance(table, TableBlock)
    assert isinstance(picture, Picture)
    assert isinstance(note, Note)
    assert table.frame["copies are worth"].tolist() == ["+8.0 (+3.0 to +13.0)"] * 2
    assert "copies removed: 0.800" in picture.alternative_text


def test_reason_is_given_where_none_was_run(settings: ReportSettings) -> None:
    store.leakage_experiment(settings.dataset).write({"model": None, "reason": "name a recipe"})
    assert section(store, settings).blocks == [Note("Not measured: name a recipe.")]
