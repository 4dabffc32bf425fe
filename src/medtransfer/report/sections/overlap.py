"""Images that this data set shares with others of the study."""

from medtransfer.report import leakage
from medtransfer.report.blocks import Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 620
CAPTION = (
    "Images of this set that have a copy in the other (study.other_datasets). A set that shares images with another is "
    "not an external test for it."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A row for each other data set; None where the study has no other."""
    pairs = [pair for pair in store.overlap().read()["pairs"] if pair["dataset"] == settings.dataset]
    if not pairs:
        return None
    return Section("Shared with other data sets", "overlap", [TableBlock(leakage.overlap_table(pairs), CAPTION)])
