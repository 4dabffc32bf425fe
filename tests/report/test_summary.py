"""The summary is a row for each model, and nothing in it differs from run to run."""

from medtransfer import store
from medtransfer.report.settings import ReportSettings
from medtransfer.report.summary import scores, summary


def test_headline_comes_first_and_no_time_is_shown(settings: ReportSettings) -> None:
    frame = scores(store, settings)
    assert frame["model"].tolist() == ["both", "cnn", "unet"]
    text = summary(store, settings, frame)
    assert text.startswith("\nSlices & more: held-out test set of 4 images\n\nmodel ")
    assert "seconds" not in text
