"""How much the test set of a study can tell."""

from medtransfer import store
from medtransfer.report.blocks import Paragraph, TableBlock
from medtransfer.report.sections.sample_size import section
from medtransfer.report.settings import ReportSettings


def test_groups_are_counted_and_not_images_where_there_are_any(settings: ReportSettings) -> None:
    split = store.split(settings.dataset)
    table = split.read()
    split.write(table.assign(group=table["group"].replace("t-ill-1", "t-ill-0")))
    shown = section(store, settings)
    assert shown is not None
    text, block, _ = shown.blocks
    assert isinstance(text, Paragraph)
    assert "4 images of 3 groups" in text.text
    assert "ill 1, well 2" in text.text
    assert isinstance(block, TableBlock)
    assert block.frame["right"].tolist() == ["2 of 3", "2 of 3", "3 of 3"]
    split.write(split.read().assign(partition="development"))
    assert section(store, settings) is None
