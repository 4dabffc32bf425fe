"""How far each model's saliency maps fall on the lesion."""

from medtransfer.report import tables
from medtransfer.report.blocks import Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 300
CAPTION = (
    "Each map is the mean over the tested networks. Only test images with a lesion outline and a right prediction "
    "count. Highest cell: its share that lies on the lesion, on average (the pointing game). Map: the cells of the map "
    "before it is enlarged; a map of few cells cannot show a small lesion. The picture that a UNet reconstructs is "
    "scored by its brightness. By chance: the score of an even map, or of a random pixel. Above chance: the difference "
    "in points, paired by image, with its 95 % interval by groups of alike images."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A row for each model and method; None where no image has a lesion outline."""
    scores = {name: store.explained(settings.dataset, name).scores.read() for name in settings.models}
    frame = tables.localisation(scores)
    if frame.empty:
        return None
    return Section("Do saliency maps fall on the lesion?", "localisation", [TableBlock(frame, CAPTION)])
