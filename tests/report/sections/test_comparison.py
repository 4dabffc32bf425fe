"""Fold scores, learning curves, and the tests between models over folds."""

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medtransfer import store
from medtransfer.comparison.folds import SINGLE_PART
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report.blocks import Block, Paragraph, Picture, Row, Subsection, TableBlock
from medtransfer.report.sections.comparison import section
from medtransfer.report.settings import ReportSettings
from medtransfer.store.records import PairedDifference
from tests.evaluations import evaluation, scores
from tests.report.comparison_results import results
from tests.report.finished_study import DATASET


@pytest.fixture(autouse=True)
def compared(settings: ReportSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of which the numbers are known; figures are drawn and not saved, to save time."""
    monkeypatch.setattr(FigureCanvasAgg, "print_png", lambda *_, **__: None)
    store.held_out_comparison(DATASET, HeldOutResults).write(results(["cnn", "unet", "both"]))


def titled(settings: ReportSettings) -> dict[str, Subsection]:
    return {block.title: block for block in section(store, settings).blocks if isinstance(block, Subsection)}


def texts(blocks: list[Block]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))


def test_folds_say_what_they_rest_on(settings: ReportSettings) -> None:
    folds, picture, *_ = section(store, settings).blocks
    assert isinstance(folds, TableBlock)
    assert isinstance(picture, Picture)
    assert set(folds.frame["model"]) == {"both", "cnn", "unet"}
    assert "Each of 2 folds of 8 development images of 8 groups validates once" in folds.caption
    assert "cnn: 0.500, 0.500" in picture.alternative_text
    assert "after the last epoch. Lines" in picture.caption


def test_repeats_of_the_folds_are_told(settings: ReportSettings) -> None:
    comparison = store.comparison(DATASET)
    accuracy = (0.5, 0.5, 0.25, 0.5)
    comparison.write(replace(comparison.read(), pairs=[], fold_scores={"cnn": {"accuracy": list(accuracy)}}))
    store.metrics(DATASET, "cnn").write(evaluation(scores(), accuracy))
    split = settings.params.split.model_copy(update={"repeats": 2})
    folds = section(store, replace(settings, params=settings.params.model_copy(update={"split": split}))).blocks[0]
    assert isinstance(folds, TableBlock)
    assert folds.caption.startswith("Validation accuracy. Each of 2 folds of 8 development images of 8 groups")
    assert "the others train, 2 times with other folds." in folds.caption


def test_learning_curves_are_of_trained_models_and_losses_that_differ_are_told(settings: ReportSettings) -> None:
    (row,) = titled(settings)["Learning curves of all models"].blocks
    assert isinstance(row, Row)
    accuracy, loss = row.pictures
    numbers = "cnn 0.500 (0.500 to 0.500) at epoch 3; unet 0.500 (0.500 to 0.500) at epoch 3."
    assert accuracy.alternative_text.endswith(numbers)
    assert loss.alternative_text.startswith("Validation loss (nats) by epoch")
    assert "smallest to the largest fold." in loss.caption
    artefact = store.settings_of_model("unet").model
    model = artefact.read()
    training = model.recipe.training
    other = training.model_copy(update={"loss": training.loss.model_copy(update={"kind": "focal"})})
    artefact.write(model.model_copy(update={"recipe": model.recipe.model_copy(update={"training": other})}))
    (row,) = titled(settings)["Learning curves of all models"].blocks
    assert isinstance(row, Row)
    assert "minimise different losses" in row.pictures[1].caption


def test_models_that_choose_an_epoch_are_named(settings: ReportSettings) -> None:
    artefact = store.settings_of_model("unet").model
    model = artefact.read()
    training = model.recipe.training.model_copy(update={"selection": "loss"})
    artefact.write(model.model_copy(update={"recipe": model.recipe.model_copy(update={"training": training})}))
    picture = section(store, settings).blocks[1]
    assert isinstance(picture, Picture)
    assert "except for unet: there the epoch is chosen by these same images" in picture.caption


def test_each_test_has_a_table_that_says_what_it_assumes(settings: ReportSettings) -> None:
    comparison = store.comparison(DATASET)
    pair = PairedDifference("cnn", "unet", "accuracy", "paired t", 0.1, 0.1, "t", 2.5, 0.13, 2)
    bayesian = replace(pair, test="bayesian t", symbol="", statistic=None, p=None, probabilities=(0.9, 0.05, 0.05))
    comparison.write(replace(comparison.read(), pairs=[pair, replace(bayesian, note="Two folds.")]))
    introduction, sizes, first, second = titled(settings)["Tests between models over folds, accuracy"].blocks
    assert "compare each two models by validation accuracy in 2 folds, 1 pair." in texts([introduction])
    assert isinstance(sizes, TableBlock)
    assert isinstance(first, TableBlock)
    assert isinstance(second, TableBlock)
    assert sizes.frame["mean difference"].tolist() == ["+0.100"]
    assert first.caption.startswith("Paired t-test, over 2 folds. It assumes that the differences")
    within = f"{settings.params.compare.equivalence:g}"
    assert second.caption.endswith(f"Equivalent here: a difference of at most {within}. Two folds.")


def test_ranks_are_of_three_models_and_a_baseline_is_named(settings: ReportSettings) -> None:
    text, picture, table = titled(settings)["Ranks of all models over folds"].blocks
    assert "both 1.00, unet 2.25, cnn 2.75. Friedman's test" in texts([text])
    assert isinstance(picture, Picture)
    assert "Critical difference 1.50. Not told apart: both, unet; unet, cnn." in picture.alternative_text
    assert isinstance(table, TableBlock)
    assert len(table.frame) == 3
    store.held_out_comparison(DATASET, HeldOutResults).write(results(["cnn", "unet"], "unet"))
    parts = titled(settings)
    assert "Ranks of all models over folds" not in parts
    assert "with the baseline unet alone" in texts(list(parts["Tests between models over folds, accuracy"].blocks))


def test_one_validation_part_leads_to_the_held_out_tests(settings: ReportSettings) -> None:
    comparison = store.comparison(DATASET)
    of_one_part = {"cnn": {"accuracy": [0.5]}, "unet": {"accuracy": [1.0]}}
    comparison.write(replace(comparison.read(), pairs=[], fold_scores=of_one_part))
    store.held_out_comparison(DATASET, HeldOutResults).write(results(["cnn", "unet"]))
    blocks = section(store, settings).blocks
    assert blocks[-1] == Paragraph(SINGLE_PART)
    assert isinstance(blocks[0], TableBlock)
    assert "One part of 8 development images" in blocks[0].caption
