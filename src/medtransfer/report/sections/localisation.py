"""How far each model's saliency maps fall on the lesion."""

from typing import Any

from medtransfer.report import tables
from medtransfer.report.blocks import Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 300
CAPTION = (
    "Each map is the mean over folds. Counted are the test images that have a lesion outline and are predicted right. "
    "Map: the cells of the map before it is enlarged; one of few cells cannot show a small lesion. The picture that a "
    "UNet reconstructs is scored by its brightness. By chance: the score of an even map, or of a random pixel."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A row for each model and method; None where no image has a lesion outline."""
    frame = tables.localisation({name: _scores(store, settings, name) for name in settings.models})
    if frame.empty:
        return None
    return Section("Do saliency maps fall on the lesion?", "localisation", [TableBlock(frame, CAPTION)])


def _scores(store: Store, settings: ReportSettings, model: str) -> list[dict[str, Any]]:
    """Grad-CAM's scores and, of a model with an autoencoder, those of the other methods."""
    explained = store.explained(settings.dataset, model)
    scores = [explained.localisation.read()]
    if not settings.is_ensemble(model) and store.trained(settings.dataset, model).training.read().pretrained:
        scores += explained.saliency.read()["methods"]
    return scores
