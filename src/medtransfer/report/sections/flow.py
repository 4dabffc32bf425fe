"""The way of the images from the archive to the test set."""

from medtransfer.plotting import png
from medtransfer.report.blocks import Picture, Section
from medtransfer.report.flow import diagram, flow, in_words
from medtransfer.report.settings import ReportSettings, Store

ORDER = 510
CAPTION = (
    "Files: those of the archive without lesion outlines and without the paths that the catalogue ignores. Pictures: "
    "images with copies counted once. Groups: what the split “grouped” keeps on one side, a picture with its "
    "look-alikes or a patient. Dashed boxes: left out."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """The diagram, whose alternative text has all of its numbers."""
    prepared = store.prepared(settings.dataset)
    counted = flow(store.split(settings.dataset).read(), prepared.index.read()["patient"], prepared.rejected.read())
    return Section("Flow of images", "flow", [Picture(png(diagram(counted)), in_words(counted), CAPTION)])
