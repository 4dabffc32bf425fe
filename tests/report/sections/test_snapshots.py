"""A training on its way: confusion matrices and pictures, of recipes that ask for them."""

import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.report.blocks import Picture
from medtransfer.report.sections.snapshots import section
from medtransfer.report.settings import ReportSettings
from medtransfer.report.snapshot_figures import shown_epochs
from medtransfer.settings.recipes import Recipe

PRETRAINING = {"epochs": 4, "learning_rate": 1e-3, "batch_size": 8, "snapshots": 2}


def asks_for_snapshots(settings: ReportSettings) -> None:
    """The UNet: its confusion after epochs 2 and 4 in two folds, and its pictures of two images."""
    written = store.settings_of_model("unet").model
    content = written.read()
    plain = content.recipe.model_dump(mode="json")
    changed = {"training": plain["training"] | {"epochs": 4, "snapshots": 2}, "pretraining": PRETRAINING}
    written.write(content.model_copy(update={"recipe": Recipe.model_validate(plain | changed)}))
    trained = store.trained(settings.dataset, "unet")
    counts = {(2, "ill", "ill"): 1, (2, "ill", "well"): 3, (2, "well", "ill"): 0, (2, "well", "well"): 4}
    counts |= {(4, "ill", "ill"): 3, (4, "ill", "well"): 1, (4, "well", "ill"): 0, (4, "well", "well"): 4}
    rows = [(fold, *key, images) for fold in (0, 1) for key, images in counts.items()]
    trained.confusions.write(pd.DataFrame(rows, columns=["fold", "epoch", "actual", "predicted", "images"]))
    trained.pictures.write(np.arange((1 + 3 * 2) * 2 * 16, dtype=np.uint8).reshape(7, 2, 4, 4))


def test_model_with_snapshots_has_its_confusion_and_its_pictures(settings: ReportSettings) -> None:
    asks_for_snapshots(settings)
    shown = section(store, settings)
    assert shown
    (part,) = shown.subsections
    assert part.title == "unet"
    assert all(isinstance(block, Picture) for block in part.blocks)
    confusion, *pictures = (block for block in part.blocks if isinstance(block, Picture))
    assert confusion.alternative_text == "Validation images that unet named right. epoch 2: 62%, epoch 4: 88%."
    starts = [picture.alternative_text.split(" of ")[0] for picture in pictures]
    assert starts == ["The UNet", "The UNet's left side", "The UNet's right side"]
    assert len({picture.content for picture in (confusion, *pictures)}) == 4


def test_left_out_where_no_recipe_asks_for_it(settings: ReportSettings) -> None:
    assert section(store, settings) is None


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (8, 8), (32, 8)])
def test_few_epochs_are_shown_the_first_and_the_last_among_them(count: int, expected: int) -> None:
    epochs = list(range(5, 5 * count + 1, 5))
    shown = shown_epochs(epochs)
    assert len(shown) == expected
    assert (shown[0], shown[-1]) == (epochs[0], epochs[-1])
