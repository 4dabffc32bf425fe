"""How training images vary: drawn views of a few of them, a picture for each augmentation of the study."""

from medtransfer.plotting import png
from medtransfer.report.augmentation import views_of_images
from medtransfer.report.blocks import Picture, Section
from medtransfer.report.recipe import augmentation_in_words
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.recipes import Augmentation

ORDER = 690
CAPTION = (
    "{models}: {words}. On the left, {images} training images as they are, and beside each {views} views as training "
    "draws them. Test images are never changed."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """Models with the same augmentation share a picture; None where no recipe has one."""
    recipes = {name: store.settings_of_model(name).model.read().recipe for name in settings.trained}
    models: dict[Augmentation, list[str]] = {}
    for name, recipe in recipes.items():
        alike = recipe.backbone.augmentation.model_copy(update={"views": Augmentation().views})
        if alike.active:
            models.setdefault(alike, []).append(name)
    pictures = []
    for augmentation, names in models.items():
        views, words = store.trained(settings.dataset, names[0]).augmented.read(), augmentation_in_words(augmentation)
        images, drawn = len(views), views.shape[1] - 1
        caption = CAPTION.format(models=", ".join(names), words=words, images=images, views=drawn)
        alternative = f"{images} training images, each beside {drawn} drawn views: {words}."
        pictures.append(Picture(png(views_of_images(views)), alternative, caption))
    return Section("Augmentation", "augmentation", pictures) if pictures else None
