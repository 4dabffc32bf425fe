"""The place of the times in the page."""

from medtransfer import store
from medtransfer.report.blocks import Embedded
from medtransfer.report.sections.times import FALLBACK, section
from medtransfer.report.settings import ReportSettings


def test_times_lie_beside_the_page_and_have_a_sentence_in_their_place(settings: ReportSettings) -> None:
    (block,) = section(store, settings).blocks
    assert isinstance(block, Embedded)
    assert store.page().path.with_name(block.address) == store.times_page().path
    assert block.fallback == FALLBACK
