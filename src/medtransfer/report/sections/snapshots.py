"""What a training was like on its way: confusion matrices, and an autoencoder's pictures, over epochs."""

from collections.abc import Iterator

from medtransfer.plotting import png
from medtransfer.report.blocks import Picture, Section, Subsection
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.snapshot_figures import confusions, pictures_over_epochs, shown_epochs
from medtransfer.settings.recipes import Recipe
from medtransfer.store.trained import Trained

ORDER = 720
SIDES = {
    "The UNet": "what the UNet makes of it after so many epochs (Rafiq et al. 2022, figure 8)",
    "The UNet's left side": "the same of its left side alone, the right one being random (figure 10)",
    "The UNet's right side": "the same of its right side alone, the left one being random (figure 9)",
}


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A subsection for each model whose recipe has snapshots; None where no recipe has."""
    parts = []
    for name in settings.trained:
        recipe = store.settings_of_model(name).model.read().recipe
        pictures = list(_pictures(name, recipe, store.trained(settings.dataset, name)))
        if pictures:
            parts.append(Subsection(name, pictures, anchor=f"snapshots-{name}"))
    return Section("Training over epochs", "snapshots", parts) if parts else None


def _pictures(model: str, recipe: Recipe, trained: Trained) -> Iterator[Picture]:
    if recipe.training.snapshots:
        yield _confusions(model, trained)
    if recipe.pretraining and recipe.pretraining.snapshots:
        drawn, epochs = trained.pictures.read(), list(recipe.pretraining.snapshot_epochs)
        images, rest = drawn[0], drawn[1:].reshape(len(SIDES), len(epochs), *drawn.shape[1:])
        for (side, what), pictures in zip(SIDES.items(), rest, strict=True):
            yield Picture(
                png(pictures_over_epochs(images, pictures, epochs)),
                f"{side} of {model} after epoch {', '.join(map(str, epochs))}: {len(images)} images in grey.",
                f"A validation image of each class, of the first fold, and {what}. The networks are kept in "
                f"{trained.path.as_posix()}.",
            )


def _confusions(model: str, trained: Trained) -> Picture:
    counts = trained.confusions.read()
    shown = shown_epochs(list(dict.fromkeys(counts["epoch"])))
    right = counts[counts["actual"] == counts["predicted"]].groupby("epoch")["images"].sum()
    shares = right / counts.groupby("epoch")["images"].sum()
    by_epoch = ", ".join(f"epoch {epoch}: {shares[epoch]:.0%}" for epoch in shown)
    return Picture(
        png(confusions(counts[counts["epoch"].isin(shown)], list(dict.fromkeys(counts["actual"])))),
        f"Validation images that {model} named right. {by_epoch}.",
        "Confusion of the validation images in the course of training, summed over folds: a row for each actual class, "
        f"shaded by its share. All epochs are in {trained.confusions.path.as_posix()}.",
    )
