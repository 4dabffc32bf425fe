"""The error of the autoencoders that a model's training began with."""

from medtransfer.plotting import png
from medtransfer.report import figures
from medtransfer.report.blocks import Picture, Section, Subsection
from medtransfer.report.numbers import counted
from medtransfer.report.settings import ReportSettings, Store

ORDER = 710


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
        f"Error of the autoencoders of {model} over {counted(int(history['epoch'].max()), 'epoch')}; on validation "
        f"images it ends at {last.min():.4f} to {last.max():.4f} over folds.",
        "The autoencoder that each fold began with: its error over epochs.",
    )
    return Subsection(model, [curves], anchor=f"autoencoder-{model}")
