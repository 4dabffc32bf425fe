"""Times are those of this machine, of the files that are there, and stand beside the papers'."""

from dataclasses import replace

import pytest

from medtransfer import store
from medtransfer.report import times
from medtransfer.report.blocks import Note, TableBlock
from medtransfer.report.measured import Seconds, seconds_of
from medtransfer.report.page import render
from medtransfer.report.settings import ReportSettings
from medtransfer.report.times import summary_with_times, times_page
from medtransfer.store.records import Rate


def tables(settings: ReportSettings, anchors: tuple[str, ...] = ("ours", "papers")) -> list[list[list[str]]]:
    shown = [section for section in times_page(settings).sections if section.anchor in anchors]
    blocks = [block for section in shown for block in section.blocks]
    return [block.frame.to_numpy().tolist() for block in blocks if isinstance(block, TableBlock)]


def test_seconds_are_of_features_and_of_each_fold(settings: ReportSettings) -> None:
    assert seconds_of(settings.dataset, "cnn") == Seconds(4.0, [3.4, 12.6])
    assert seconds_of(settings.dataset, "unet") == Seconds(0.0, [1.0, 2.0])  # it has no frozen backbone


def test_a_fold_has_its_share_of_the_features() -> None:
    seconds = Seconds(4.0, [1.0, 3.0])
    assert (seconds.total, seconds.of("training"), seconds.of("fold")) == (8.0, 8.0, 4.0)
    assert Seconds(None, [1.0]).total is None
    assert Seconds(1.0, None).of("fold") is None


def test_times_of_another_run_are_not_shown(settings: ReportSettings) -> None:
    history = store.trained(settings.dataset, "cnn").history
    history.write(history.read().assign(loss=0.25))
    assert seconds_of(settings.dataset, "cnn") == Seconds(4.0, None)
    store.features(settings.dataset, "cnn").path.unlink()
    assert seconds_of(settings.dataset, "cnn") == Seconds(None, None)
    store.training_times(settings.dataset, "unet").path.unlink()
    assert seconds_of(settings.dataset, "unet") == Seconds(0.0, None)
    assert tables(settings)[0] == [
        ["both", "–", "–", "–", "–"],
        ["cnn", "–", "–", "–", "–"],
        ["unet", "0.0", "–", "–", "–"],
    ]


def test_software_and_device_are_those_of_the_training(settings: ReportSettings) -> None:
    times = store.training_times(settings.dataset, "cnn")
    times.write(replace(times.read(), machine={"python": "3.12.1", "device": "a GPU"}))
    assert tables(settings, ("machine",))[0] == [
        ["both", "–", "–", "–", "–"],
        ["cnn", "3.12.1", "–", "–", "a GPU"],
        ["unet", "–", "–", "–", "–"],
    ]


def test_page_shows_each_fold_and_the_papers_times_beside_ours(settings: ReportSettings) -> None:
    ours, papers = tables(settings)
    assert ours == [
        ["both", "–", "–", "–", "–"],
        ["cnn", "4.0", "3.4", "12.6", "20.0"],
        ["unet", "0.0", "1.0", "2.0", "3.0"],
    ]
    assert papers == [
        ["A paper (2024)", "cnn", "a fold", "60", "10", "Text [1]"],
        ["A paper (2024)", "unet", "a training", "90", "3", "Text"],
        ["A paper (2024)", "other", "a fold", "20", "not run", "Text"],
    ]
    store.training_times(settings.dataset, "unet").path.unlink()
    assert tables(settings)[1][1][4] == "not measured"
    (section,) = (section for section in times_page(settings).sections if section.anchor == "papers")
    assert Note("[1] on an A100") in section.blocks


def test_cost_of_each_model_is_said_or_said_not_to_be_measured(settings: ReportSettings) -> None:
    assert tables(settings, ("cost",))[0] == [
        ["cnn", "10", "5", "10.0", "not measured", "not measured"],
        ["unet", "10", "5", "1.5", "not measured", "not measured"],
    ]
    times = store.training_times(settings.dataset, "unet")
    times.write(replace(times.read(), joules=[1500.0, 2500.0]))
    store.inference_rate(settings.dataset, "unet").write(Rate(times.read().of, 81.34))
    assert tables(settings, ("cost",))[0][1] == ["unet", "10", "5", "1.5", "81.3", "4.0 kJ"]
    history = store.trained(settings.dataset, "unet").history
    history.write(history.read().assign(loss=0.25))  # of another training
    assert tables(settings, ("cost",))[0][1] == ["unet", "10", "5", *["not measured"] * 3]


def test_energy_is_known_where_that_of_all_folds_and_of_the_features_is(settings: ReportSettings) -> None:
    features, training = (of(settings.dataset, "cnn") for of in (store.feature_times, store.training_times))
    training.write(replace(training.read(), joules=[10.0, None]))  # the second fold was resumed
    features.write(replace(features.read(), joules=[5.0]))
    assert seconds_of(settings.dataset, "cnn").joules is None
    training.write(replace(training.read(), joules=[10.0, 20.0]))
    assert seconds_of(settings.dataset, "cnn").joules == 35.0
    features.write(replace(features.read(), joules=[None]))
    assert seconds_of(settings.dataset, "cnn").joules is None


def test_printed_summary_has_the_seconds(settings: ReportSettings) -> None:
    lines = summary_with_times(settings).splitlines()
    assert lines[1] == "Slices & more: held-out test set of 4 images"
    heading = next(number for number, line in enumerate(lines) if line.endswith("energy"))
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[heading + 1 : -1]}
    assert lines[-1].startswith("seconds: in all, those of a frozen backbone's features and of each fold")
    unknown = "not measured not measured"
    assert rows == {"cnn": f"20 3 + 13 {unknown}", "both": "– – – –", "unet": f"3 1 + 2 {unknown}"}
    assert lines[heading - 3 : heading - 1] == [
        "report: reports/index.html",
        "Research software, not a diagnostic device.",
    ]


def test_run_writes_the_page_and_prints_the_summary(
    settings: ReportSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    times.main(settings.params)
    assert capsys.readouterr().out == summary_with_times(settings) + "\n"
    assert store.times_page().read() == render(times_page(settings))
