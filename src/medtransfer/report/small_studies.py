"""docs/papers.md: what each paper prints beside its small study, split as in the paper and without leakage.

Not a DVC stage: `make papers` records the active small study, and writes the page from everything recorded.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from medtransfer import store
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report import markdown
from medtransfer.report.leakage import COPIES
from medtransfer.report.numbers import UNDEFINED
from medtransfer.report.paper_tables import printed_accuracy
from medtransfer.settings.command import run
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import Settings, load
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.reported import Reported
from medtransfer.settings.study import STUDIES, study_of
from medtransfer.store.interval import Interval
from medtransfer.store.records import Evaluation
from medtransfer.store.study_records import StudyResult

PAGE = Path("docs/papers.md")
PREFIX = "small-"
METRICS = ("accuracy", "roc_auc")
WITHOUT_LEAKAGE = "grouped"


def main(params: Params) -> None:
    """Record the active study, where it is a small one that has run, and write the page."""
    study, settings = study_of(params), load()
    if study is None or not study.startswith(PREFIX):
        names = sorted(path.stem for path in STUDIES.glob(f"{PREFIX}*.yaml"))
        raise UserError(f"params.yaml is none of {', '.join(names)}: run make study STUDY={names[0]} first")
    result = recorded(study, params)
    store.study_result(study, result.strategy).write(result)
    write_page(settings)


def write_page(settings: Settings) -> None:
    """From everything recorded."""
    text = PAGE.read_text(encoding="utf-8")
    for name, paper in load_reported().items():
        if results := store.study_results(PREFIX + name):
            text = markdown.replaced(text, PREFIX + name, block(paper, results, settings))
    PAGE.write_text(text, encoding="utf-8")


def recorded(study: str, params: Params) -> StudyResult:
    """What the page needs of the artefacts of the active study."""
    evaluations = {name: store.metrics(params.dataset, name).read() for name in params.study.compared}
    first = next(iter(evaluations.values()))
    counts = store.leakage(params.dataset).read()["strategies"][params.split.strategy]
    held_out: HeldOutResults = store.held_out_comparison(params.dataset, HeldOutResults).read()
    return StudyResult(
        study,
        params.dataset,
        params.split.strategy,
        int((store.split(params.dataset).read()["partition"] == "development").sum()),
        first.images,
        first.groups,
        sum(counts[kind] for kind in COPIES),
        {name: _scores(evaluation) for name, evaluation in evaluations.items()},
        held_out.sentences,
        {name: store.trained(params.dataset, name).training.read().selected_epochs for name in params.study.models},
    )


def _scores(evaluation: Evaluation) -> dict[str, Interval]:
    known = evaluation.test.intervals.values if evaluation.test.intervals else {}
    return {
        key: Interval(evaluation.test.values[key], known[key].low, known[key].high) for key in METRICS if key in known
    }


def block(paper: Reported, results: Sequence[StudyResult], settings: Settings) -> str:
    """The table of one paper, what it rests on, and what can be said of each two models without leakage."""
    as_paper = next((each for each in results if each.strategy != WITHOUT_LEAKAGE), None)
    without = next((each for each in results if each.strategy == WITHOUT_LEAKAGE), None)
    title = settings.dataset(results[0].dataset).title
    lines = [markdown.table(table(paper, as_paper, without)), "\n"]
    for heading, result in (("As the paper split", as_paper), ("Without leakage", without)):
        if result is not None:
            lines.append(
                f"{heading} (`{result.strategy}`): {title}, {result.development:,} development images and "
                f"{result.images:,} test images of {result.groups:,} groups; {result.copies:,} test images have a copy "
                "in development.\n\n"
            )
    if without is not None:
        lines += [f"- {sentence}\n" for sentence in without.sentences]
    return "".join(lines)


def table(paper: Reported, as_paper: StudyResult | None, without: StudyResult | None) -> pd.DataFrame:
    """A row for each model of the small study."""
    rows = []
    for name, of in paper.stand_ins.items():
        row = {"model here": name, "in place of": ", ".join(of), "paper": printed_accuracy(paper, of)}
        for heading, result in (("as the paper split", as_paper), ("without leakage", without)):
            scores: Mapping[str, Interval] = {} if result is None else result.models.get(name, {})
            row[f"accuracy {heading}"] = _cell(scores.get("accuracy"))
            row[f"AUC {heading}"] = _cell(scores.get("roc_auc"))
            row[f"epochs kept {heading}"] = ", ".join(map(str, result.epochs.get(name, []))) if result else UNDEFINED
        rows.append(row)
    return pd.DataFrame(rows)


def _cell(score: Interval | None) -> str:
    return UNDEFINED if score is None else f"{score.value:.3f} ({score.low:.2f} to {score.high:.2f})"


if __name__ == "__main__":
    run(main)
