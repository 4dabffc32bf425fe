"""Where the page shows the times of this machine, which are no part of the page itself."""

from medtransfer.report.blocks import Embedded, Section
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.load_reported import load_reported

ORDER = 900
FALLBACK = (
    "Times are shown on the machine where the models were trained: make reproduce writes times.html beside this page."
)
# Pixels of the text around a table, and of a row in it
HEIGHT, PER_ROW = 280, 36


def section(store: Store, settings: ReportSettings) -> Section:
    """The page of times within this one: as they differ from run to run, they lie in a file of their own."""
    tables = [len(settings.models)] * 3  # of seconds, of cost, and of software
    if timings := sum(len(paper.timings) for paper in load_reported().values() if settings.dataset in paper.datasets):
        tables.append(timings)
    height = sum(HEIGHT + PER_ROW * rows for rows in tables)
    embedded = Embedded(store.times_page().path.name, "Times of this machine", height, FALLBACK)
    return Section("Times", "times", [embedded])
