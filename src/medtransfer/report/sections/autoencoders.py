"""The autoencoders that a model's training began with: their error, and what they make of an image."""

from medtransfer.plotting import png
from medtransfer.report import figures
from medtransfer.report.blocks import Picture, Section, Subsection
from medtransfer.report.settings import ReportSettings, Store

ORDER = 710
SALIENCY = (
    "What the classifier sees (Rafiq et al. 2022): a test image of each class, with the lesion's outline where known; "
    "its reconstruction by the UNet; by either side of that UNet, with the other side random; by the classifier's "
    "encoder together with the UNet's decoder; and the gradient of the predicted class with respect to the pixels. The "
    "brightest hundredth of a gradient is drawn alike. All are means over the folds."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A subsection for each model with an autoencoder; None where no model has one."""
    pretrained = [name for name in settings.trained if store.trained(settings.dataset, name).training.read().pretrained]
    if not pretrained:
        return None
    parts = [_autoencoder(store, settings.dataset, name) for name in pretrained]
    return Section("Autoencoders", "autoencoders", parts)


def _autoencoder(store: Store, dataset: str, model: str) -> Subsection:
    history = store.trained(dataset, model).reconstruction.read()
    last = history[history["epoch"] == history["epoch"].max()]["val_loss"]
    curves = Picture(
        png(figures.reconstruction_curves(history)),
        f"Error of the autoencoders of {model} over {history['epoch'].max()} epochs; on validation images it ends at "
        f"{last.min():.4f} to {last.max():.4f} over folds.",
        "The autoencoder that each fold began with: its error over epochs.",
    )
    panels = Picture(
        store.explained(dataset, model).figure("saliency").read(),
        f"Test images of every class beside what the UNet of {model} paints of them, whole and by its sides, what it "
        "paints with the classifier's encoder, and gradient saliency.",
        SALIENCY,
    )
    return Subsection(model, [curves, panels], anchor=f"autoencoder-{model}")
