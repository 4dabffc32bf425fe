"""Scores of every model on the held-out test set."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import TableBlock
from medtransfer.report.sections.architectures import section
from medtransfer.report.settings import ReportSettings


def test_row_for_each_model_and_a_caption_that_names_the_positive_class(settings: ReportSettings) -> None:
    (table,) = section(store, settings).blocks
    assert isinstance(table, TableBlock)
    assert table.frame["model"].tolist() == ["both", "cnn", "unet"]
    assert "those of the class ill" in table.caption
    assert "the 2 test images that have no copy" in table.caption


def test_mean_over_classes_is_named_where_no_class_is_positive(settings: ReportSettings) -> None:
    metrics = store.metrics(settings.dataset, "both")
    metrics.write(replace(metrics.read(), averaging="mean over classes"))
    (table,) = section(store, settings).blocks
    assert isinstance(table, TableBlock)
    assert "AUC): mean over classes." in table.caption
