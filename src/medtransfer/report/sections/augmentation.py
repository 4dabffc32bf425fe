"""How training images vary: drawn views of a few of them, a picture for each augmentation of the study."""

from collections.abc import Mapping

from medtransfer.plotting import png
from medtransfer.report.augmentation import views_of_images
from medtransfer.report.blocks import Picture, Section
from medtransfer.report.recipe import augmentation_in_words, drawing_in_words
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.augmentation import Augmentation

ORDER = 690
CAPTION = (
    "{models}: {words}. On the left, {images} training images as they are, and beside each {views} drawn views. In "
    "training: {drawing}. Test images are never changed."
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
        drawing = _drawing({name: drawing_in_words(recipes[name]) for name in names})
        caption = CAPTION.format(models=", ".join(names), words=words, images=images, views=drawn, drawing=drawing)
        alternative = f"{images} training images, each beside {drawn} drawn views: {words}."
        pictures.append(Picture(png(views_of_images(views)), alternative, caption))
    return Section("Augmentation", "augmentation", pictures) if pictures else None


def _drawing(of_models: Mapping[str, str]) -> str:
    """What an epoch sees of an image, with the models' names where they differ in it."""
    ways = dict.fromkeys(of_models.values())
    if len(ways) == 1:
        return next(iter(ways))
    return "; ".join(f"{way} ({', '.join(name for name in of_models if of_models[name] == way)})" for way in ways)
