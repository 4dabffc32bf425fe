"""Fold scores, and the tests between models."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Picture, Subsection, TableBlock
from medtransfer.report.sections.comparison import section
from medtransfer.report.settings import ReportSettings


def test_folds_and_pairs_are_shown(settings: ReportSettings) -> None:
    folds, picture, tests = section(store, settings).blocks
    assert isinstance(folds, TableBlock)
    assert isinstance(picture, Picture)
    assert isinstance(tests, Subsection)
    assert set(folds.frame["model"]) == {"both", "cnn", "unet"}
    assert "cnn: 0.500, 0.500" in picture.alternative_text
    assert "after the last epoch. Lines" in picture.caption


def test_models_that_choose_an_epoch_are_named(settings: ReportSettings) -> None:
    artefact = store.settings_of_model("unet").model
    model = artefact.read()
    training = model.recipe.training.model_copy(update={"selection": "loss"})
    artefact.write(model.model_copy(update={"recipe": model.recipe.model_copy(update={"training": training})}))
    picture = section(store, settings).blocks[1]
    assert isinstance(picture, Picture)
    assert "except for unet: there the epoch is chosen by these same images" in picture.caption


def test_no_pairs_no_subsection(settings: ReportSettings) -> None:
    comparison = store.comparison(settings.dataset)
    comparison.write(replace(comparison.read(), pairs=[]))
    assert len(section(store, settings).blocks) == 2
