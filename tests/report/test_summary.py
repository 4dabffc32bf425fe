"""The summary has scores and intervals of each model, and nothing in it differs from run to run."""

from medtransfer import store
from medtransfer.report.settings import ReportSettings
from medtransfer.report.summary import scores, summary


def test_headline_comes_first_intervals_are_below_scores_and_no_time_is_shown(settings: ReportSettings) -> None:
    frame = scores(store, settings)
    assert frame["model"].tolist() == ["both", "", "cnn", "", "unet", ""]
    text = summary(store, settings, frame)
    assert text.startswith("\nSlices & more: held-out test set of 4 images\n\nmodel ")
    assert "seconds" not in text
    assert "\nbelow each score: its 95 % interval\n" in text
    assert max(map(len, text.splitlines())) <= 120
