"""Sections that show images: gallery, the same images through every model, and augmentation."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medtransfer import store
from medtransfer.report.blocks import Details, Note, Picture, Subsection
from medtransfer.report.sections import augmentation, gallery, side_by_side
from medtransfer.report.settings import ReportSettings


@pytest.fixture(autouse=True)
def not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are drawn and not saved, to save time."""
    monkeypatch.setattr(FigureCanvasAgg, "print_png", lambda *_, **__: None)


def test_gallery_describes_every_image_that_it_shows_for_every_model(settings: ReportSettings) -> None:
    picture, others = gallery.section(store, replace(settings, headline="cnn")).blocks
    assert isinstance(picture, Picture)
    words = "4 test images with their true class and what cnn predicts: ill as ill, 90%; ill as well, 70%; well as ill,"
    assert picture.alternative_text.startswith(words)
    assert picture.caption.endswith("Of 4 shown, 2 are wrong; of all 4, 2.")
    assert isinstance(others, Details)
    captions = [each.caption for each in others.blocks if isinstance(each, Picture)]
    assert [re.findall("class that (.+?) names", caption) for caption in captions] == [["unet"], ["both"]]


def test_every_model_has_a_column_and_a_figure_of_its_own(
    settings: ReportSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "ACROSS", 2)
    rule, first, second, alone, others = side_by_side.section(store, settings).blocks
    assert isinstance(rule, Note)
    assert "drawn by the seed alone" in rule.text
    assert "from the top: t-ill-0, t-well-0." in rule.text
    for picture, models in ((first, "both, cnn"), (second, "unet")):
        assert isinstance(picture, Picture)
        assert picture.caption.startswith(f"Grad-CAM of {models}. Each map")
    assert isinstance(alone, Subsection)
    assert isinstance(others, Details)
    assert len(others.blocks) == 2
    explain = settings.params.explain.model_copy(update={"images": ("t-ill-0", "t-well-0")})
    named = replace(settings, params=settings.params.model_copy(update={"explain": explain}))
    note = side_by_side.section(store, named).blocks[0]
    assert isinstance(note, Note)
    assert note.text.startswith("The images are those that params.yaml names")


def test_augmentation_is_shown_of_recipes_that_have_one_and_else_left_out(settings: ReportSettings) -> None:
    shown = augmentation.section(store, settings)
    assert shown
    (picture,) = shown.blocks
    assert isinstance(picture, Picture)
    assert picture.caption.startswith("unet: rotation of up to 20°; horizontal flips. On the left, 2 training")
    assert "beside each 3 drawn views. In training: drawn again in every epoch. Test images" in picture.caption
    assert picture.alternative_text.startswith("2 training images, each beside 3 drawn views: rotation")
    study = settings.params.study.model_copy(update={"models": ("cnn",)})
    without = replace(settings, params=settings.params.model_copy(update={"study": study}))
    assert augmentation.section(store, without) is None


def test_models_that_draw_their_views_in_other_ways_are_told_apart(settings: ReportSettings) -> None:
    frozen, trained = (store.settings_of_model(name).model for name in ("cnn", "unet"))
    changes = trained.read().recipe.backbone.augmentation.model_copy(update={"views": 6})
    recipe = frozen.read().recipe
    backbone = recipe.backbone.model_copy(update={"augmentation": changes})
    frozen.write(frozen.read().model_copy(update={"recipe": recipe.model_copy(update={"backbone": backbone})}))
    store.trained(settings.dataset, "cnn").augmented.write(np.zeros((2, 4, 8, 8, 1), np.uint8))
    shown = augmentation.section(store, settings)
    assert shown
    (picture,) = shown.blocks
    assert isinstance(picture, Picture)
    words = "each epoch draws the plain image or one of 6 stored views of it (cnn); drawn again in every epoch (unet)."
    assert words in picture.caption
