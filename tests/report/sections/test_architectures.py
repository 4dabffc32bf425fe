"""Scores of every model on the held-out test set."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Details, Items, Picture, Subsection, TableBlock
from medtransfer.report.sections.architectures import section
from medtransfer.report.settings import ReportSettings


def test_row_for_each_model_and_a_caption_that_says_what_is_tested_and_how(settings: ReportSettings) -> None:
    table, bars, folds, made = section(store, settings).blocks
    assert isinstance(bars, Picture)
    assert isinstance(table, TableBlock)
    assert table.frame["model"].tolist() == ["both", "cnn", "unet"]
    assert "those of the class ill" in table.caption
    assert "the 2 test images that have no copy" in table.caption
    assert "test set of 4 images of 4 groups" in table.caption
    assert "Tested: the mean probability of the folds' networks. The class with the largest" in table.caption
    assert isinstance(folds, Details)
    (of_folds,) = folds.blocks
    assert isinstance(of_folds, TableBlock)
    assert of_folds.frame[["model", "fold"]].to_numpy().tolist() == [
        [name, fold] for name in ("both", "cnn", "unet") for fold in ("1", "2")
    ]
    assert isinstance(made, Subsection)
    assert made.anchor == "intervals"
    assert isinstance(made.blocks[0], Items)


def test_mean_over_classes_and_spread_over_folds_are_said_where_that_is_tested(settings: ReportSettings) -> None:
    metrics = store.metrics(settings.dataset, "both")
    metrics.write(replace(metrics.read(), averaging="mean over classes", tested="folds"))
    table, _, spread, _, _ = section(store, settings).blocks
    assert isinstance(table, TableBlock)
    assert "): mean over classes." in table.caption
    assert "Tested: each fold's network: the mean over folds" in table.caption
    assert isinstance(spread, TableBlock)
    assert spread.frame["model"].tolist() == ["both"]
