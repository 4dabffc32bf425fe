"""Wall-clock times of this machine: the table that `make reproduce` prints, and the page times.html.

Times differ from run to run, so they are neither in the DAG nor in the report: the report only shows times.html within
itself. A time is shown where the file that it belongs to is still the same; of results that come from a cache, or from
another machine, none is known.
"""

from collections.abc import Iterator, Sequence

import pandas as pd

from medtransfer import store
from medtransfer.report import papers, summary
from medtransfer.report.blocks import Block, Note, Section, TableBlock
from medtransfer.report.measured import Seconds, seconds_of
from medtransfer.report.numbers import UNDEFINED
from medtransfer.report.page import Page, render
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.command import run
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.reported import Reported, Timing

OURS = (
    "Seconds by the clock of this machine. Features: one pass of a frozen backbone over all images, for all folds; "
    "0 where the backbone runs in every epoch. Models that share a frozen backbone share its features, and the full "
    "time of the features is counted for each of these models. Folds: training, an autoencoder's before it included. "
    "The first fold also has the start-up: the training steps are compiled once, for all folds. In all: features and "
    "folds. A dash: not known on this machine, or an ensemble, which is not trained."
)
PAPERS = (
    "The paper's seconds as printed, on the machine that the paper used; our seconds of a fold include its share of "
    "the features. Not run: the model is not in this study. Not measured: the time is not known on this machine."
)
MACHINE = (
    "What may differ between machines that are set up from one lock file, where each model was trained. A dash: not "
    "known on this machine, or an ensemble. What the lock file pins for every machine: see Reproducibility in the "
    "report."
)
MACHINE_COLUMNS = ("python", "numpy", "scipy", "device")
COST = (
    "Parameters of the network from image to logits. Seconds a fold: the mean, with its share of the features, and "
    "with the start-up, which the first fold has. Images a second: what one network predicts on this machine, in "
    "batches of 16. Energy: what all processors (by RAPL) and GPUs (by nvidia-smi) of this machine took for features "
    "and folds, without memory and power supply. Not measured: made on another machine or in several runs, or this "
    "machine does not tell; RAPL tells root alone."
)
PRINTED = "seconds: in all, those of a frozen backbone's features and of each fold; the first has the start-up too"
COLUMNS = ["paper", "model", "of", "paper's seconds", "our seconds", "printed in"]


UNKNOWN = Seconds(None, None)


def summary_with_times(settings: ReportSettings) -> str:
    """The summary, and for each model its seconds in all and those of the training of each fold."""
    text = summary.summary(store, settings, summary.scores(store, settings))
    times = pd.DataFrame(
        [
            {
                "model": name,
                "seconds": _text(each.total, 0),
                "each fold": _by_fold(each),
                "images/s": UNDEFINED if settings.is_ensemble(name) else _measured(each.images_a_second, "{:.0f}"),
                "energy": UNDEFINED if settings.is_ensemble(name) else _energy(each),
            }
            for name, each in _all_seconds(settings).items()
        ]
    )
    return f"{text}\n{times.to_string(index=False)}\n{PRINTED}\n"


def times_page(settings: ReportSettings) -> Page:
    """Every model's times, fold by fold, and beside them those that the papers print."""
    seconds = _all_seconds(settings)
    sections = [Section("Seconds on this machine", "ours", [TableBlock(_ours(seconds, settings), OURS)])]
    sections.append(Section("Cost", "cost", [TableBlock(_cost(seconds, settings), COST)]))
    reported = [paper for paper in load_reported().values() if settings.dataset in paper.datasets and paper.timings]
    if reported:
        sections.append(Section("Beside the papers' times", "papers", list(_papers(reported, seconds))))
    machine = [[name, *(each.machine.get(key, UNDEFINED) for key in MACHINE_COLUMNS)] for name, each in seconds.items()]
    block = TableBlock(pd.DataFrame(machine, columns=["model", *MACHINE_COLUMNS]), MACHINE)
    sections.append(Section("Software and device", "machine", [block]))
    return Page("Times of this machine", [], sections, embedded=True)


def main(params: Params) -> None:
    """Write times.html beside the report, and print the summary with times."""
    settings = ReportSettings(params.dataset, params.model, params)
    store.times_page().write(render(times_page(settings)))
    print(summary_with_times(settings))


def _all_seconds(settings: ReportSettings) -> dict[str, Seconds]:
    return {
        name: UNKNOWN if settings.is_ensemble(name) else seconds_of(settings.dataset, name) for name in settings.models
    }


def _ours(seconds: dict[str, Seconds], settings: ReportSettings) -> pd.DataFrame:
    rows = []
    for name, each in seconds.items():
        folds: Sequence[float | None] = each.folds or [None] * settings.params.split.trained_folds
        columns = {f"fold {number}": _text(fold) for number, fold in enumerate(folds, start=1)}
        rows.append({"model": name, "features": _text(each.features)} | columns | {"in all": _text(each.total)})
    return pd.DataFrame(rows)


def _cost(seconds: dict[str, Seconds], settings: ReportSettings) -> pd.DataFrame:
    """A row for each model that is trained."""
    rows = []
    for name in settings.trained:
        each, training = seconds[name], store.trained(settings.dataset, name).training.read()
        row = {"model": name, "parameters": f"{training.parameters:,}", "trained": f"{training.trainable_parameters:,}"}
        row |= {"seconds a fold": _measured(each.of("fold"), "{:.1f}")}
        rows.append(row | {"images a second": _measured(each.images_a_second, "{:.1f}"), "energy": _energy(each)})
    return pd.DataFrame(rows)


def _papers(reported: Sequence[Reported], seconds: dict[str, Seconds]) -> Iterator[Block]:
    timings = [(paper, timing) for paper in reported for timing in paper.timings]
    notes = list(dict.fromkeys(timing.note for _, timing in timings if timing.note))
    rows = []
    for paper, timing in timings:
        source = f"{timing.source} [{notes.index(timing.note) + 1}]" if timing.note else timing.source
        model, of = timing.model, f"a {timing.per}"
        printed = (f"{paper.title} ({paper.year})", model, of, _text(timing.seconds, 0))
        rows.append([*printed, _beside(timing, seconds), source])
    yield TableBlock(pd.DataFrame(rows, columns=COLUMNS), PAPERS)
    for number, note in enumerate(notes, start=1):
        yield Note(f"[{number}] {note}")


def _beside(timing: Timing, seconds: dict[str, Seconds]) -> str:
    """Our seconds of what a paper has timed."""
    if timing.model not in seconds:
        return papers.NOT_RUN
    ours = seconds[timing.model].of(timing.per)
    return papers.NOT_MEASURED if ours is None else _text(ours, 0)


def _by_fold(seconds: Seconds) -> str:
    return UNDEFINED if seconds.folds is None else " + ".join(_text(fold, 0) for fold in seconds.folds)


def _energy(seconds: Seconds) -> str:
    return _measured(None if seconds.joules is None else seconds.joules / 1000, "{:.1f} kJ")


def _measured(value: float | None, form: str) -> str:
    return papers.NOT_MEASURED if value is None else form.format(value)


def _text(seconds: float | None, digits: int = 1) -> str:
    return UNDEFINED if seconds is None else f"{seconds:.{digits}f}"


if __name__ == "__main__":
    run(main)
