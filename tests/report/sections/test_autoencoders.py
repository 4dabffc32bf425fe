"""Autoencoders, of models that begin with one."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Picture
from medtransfer.report.sections.autoencoders import section
from medtransfer.report.settings import ReportSettings


def test_subsection_for_each_model_with_an_autoencoder(settings: ReportSettings) -> None:
    shown = section(store, settings)
    assert shown
    (part,) = shown.subsections
    assert part.title == "unet"
    (curves,) = part.blocks
    assert isinstance(curves, Picture)
    assert "over 3 epochs; on validation images it ends at 0.2000 to 0.2000" in curves.alternative_text


def test_left_out_where_no_model_has_one(settings: ReportSettings) -> None:
    trained = store.trained(settings.dataset, "unet").training
    trained.write(replace(trained.read(), pretrained=False))
    assert section(store, settings) is None
