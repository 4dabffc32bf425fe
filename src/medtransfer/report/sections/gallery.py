"""A gallery of test images with their true class and what each model says."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.plotting import png
from medtransfer.report.blocks import Block, Details, Picture, Section
from medtransfer.report.gallery import Told, gallery
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.partitions import held_out_rows

ORDER = 315
COUNT, ACROSS = 18, 6
CAPTION = (
    "Test images at even steps through the test set, whatever the prediction: the true class, and the class that {} "
    "names with its probability. Wrong predictions are framed and say so. Of {} shown, {} are wrong; of all {}, {}."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Chosen by their place in the set alone, the same for each model; those of all but the headline are folded."""
    classes = store.settings_of_dataset(settings.dataset).classes.read().names
    rows = held_out_rows(store.split(settings.dataset).read())
    shown = np.unique(np.linspace(0, len(rows) - 1, COUNT).astype(int))
    images = np.asarray(store.prepared(settings.dataset).images.read()[rows[shown]])
    first, *others = [
        _picture(name, store.evaluated(settings.dataset, name).predictions.read(), classes, images, shown)
        for name in settings.models
    ]
    blocks: list[Block] = [first]
    if others:
        blocks.append(Details("The same images and the other models", others))
    return Section("Test images and predictions", "gallery", blocks)


def _picture(
    model: str, predictions: pd.DataFrame, classes: list[str], images: NDArray[np.uint8], shown: NDArray[np.intp]
) -> Picture:
    some = predictions.iloc[shown]
    probabilities = some[classes].to_numpy()[np.arange(len(some)), [classes.index(name) for name in some["predicted"]]]
    told = [Told(*each) for each in zip(some["actual"], some["predicted"], probabilities.tolist(), strict=True)]
    wrong, all_wrong = (int((part["actual"] != part["predicted"]).sum()) for part in (some, predictions))
    described = "; ".join(f"{each.actual} as {each.predicted}, {each.probability:.0%}" for each in told)
    return Picture(
        png(gallery(images, told, ACROSS)),
        f"{len(told)} test images with their true class and what {model} predicts: {described}.",
        CAPTION.format(model, len(told), wrong, len(predictions), all_wrong),
    )
