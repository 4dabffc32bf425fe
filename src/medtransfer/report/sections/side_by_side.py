"""The same test images through every model, and each model's maps alone and over the image."""

import numpy as np

from medtransfer.plotting import png
from medtransfer.report.blocks import Block, Details, Note, Picture, Section, Subsection
from medtransfer.report.gallery import Told
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.side_by_side import Images, Maps, side_by_side, triples

ORDER = 310
ACROSS = 5  # models in a figure
DRAWN = (
    "The images are drawn by the seed alone, as many of each class; those with a lesion outline come first. Others are "
    "shown with explain.images in params.yaml. "
)
NAMED = "The images are those that params.yaml names (explain.images). "
READING = (
    "Each map explains the class that the model predicts, which stands below it with its probability; wrong "
    "predictions are framed and say so. It is the mean over the tested networks. Maps of two models compare by where "
    "they are high, not by how high. Where a map is 0 throughout, nothing in the layer that it reads speaks for the "
    "class. "
)
WHITE = "The lesion’s outline, where known, is white."
DASHED = "White lines: equal value of the map. The lesion’s outline, where known, is orange and dashed."


def section(store: Store, settings: ReportSettings) -> Section:
    """Figures of up to five models, then the headline's maps alone; those of the other models are folded away."""
    table = store.explained(settings.dataset, settings.headline).compared.read()
    ids, masks = table["id"].tolist(), store.prepared(settings.dataset).masks.read()
    rows = store.split(settings.dataset).read().set_index("id").index.get_indexer(table["id"])
    pixels = np.asarray(store.prepared(settings.dataset).images.read()[rows])
    options = settings.params.explain
    images = Images(pixels, [masks.get(id) for id in ids], options.overlay == "contours")
    models = {name: _maps(store, settings, name) for name in settings.models}
    scores = store.explained(settings.dataset, settings.headline).scores.read()
    title, names = scores[0].title, list(models)
    blocks: list[Block] = [Note((NAMED if options.images else DRAWN) + f"Images, from the top: {', '.join(ids)}.")]
    for start in range(0, len(names), ACROSS):
        some = {name: models[name] for name in names[start : start + ACROSS]}
        described = "; ".join(f"{name}: {_in_words(each)}" for name, each in some.items())
        caption = f"{title} of {', '.join(some)}. {READING}{DASHED if images.contours else WHITE}"
        alternative = f"The same {len(ids)} test images, and {title} of each model over them. {described}."
        blocks.append(Picture(png(side_by_side(images, some)), alternative, caption))
    first, *others = [_alone(images, name, each, title) for name, each in models.items()]
    blocks.append(Subsection("Image, map alone, and map on the image", [first]))
    if others:
        blocks.append(Details("The same of the other models", others))
    return Section("The same images through every model", "side-by-side", blocks)


def _maps(store: Store, settings: ReportSettings, model: str) -> Maps:
    explained = store.explained(settings.dataset, model)
    table = explained.compared.read()
    told = [Told(*each) for each in zip(table["actual"], table["predicted"], table["probability"], strict=True)]
    return Maps(explained.compared_maps.read() / 255, told)


def _in_words(model: Maps) -> str:
    return ", ".join(f"{each.actual} as {each.predicted} {each.probability:.0%}" for each in model.told)


def _alone(images: Images, name: str, model: Maps, title: str) -> Picture:
    return Picture(
        png(triples(images, model)),
        f"{title} of {name}: {len(model.told)} test images, each as it is, as a map alone, and with the map over it. "
        f"{_in_words(model)}.",
        f"{title} of {name}: the image, the map alone, and the map on the image. {DASHED}",
    )
