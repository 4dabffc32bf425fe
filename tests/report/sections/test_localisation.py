"""Scores of saliency maps against lesion outlines."""

from medtransfer import store
from medtransfer.report.blocks import TableBlock
from medtransfer.report.sections.localisation import section
from medtransfer.report.settings import ReportSettings
from medtransfer.store.records import MethodScores


def test_row_for_each_model_and_method(settings: ReportSettings) -> None:
    shown = section(store, settings)
    assert shown
    (table,) = shown.blocks
    assert isinstance(table, TableBlock)
    rows = table.frame[["model", "method"]].to_numpy().tolist()
    assert rows == [
        ["both", "Grad-CAM"],
        ["cnn", "Grad-CAM"],
        ["unet", "Grad-CAM"],
        ["unet", "gradient saliency"],
    ]


def test_left_out_where_no_image_has_an_outline(settings: ReportSettings) -> None:
    for model in settings.models:
        store.explained(settings.dataset, model).scores.write(
            [MethodScores("grad_cam", "Grad-CAM", (4, 4), 0, None, None, None)]
        )
    assert section(store, settings) is None
