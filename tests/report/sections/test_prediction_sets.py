"""Prediction sets, or why there are none."""

from dataclasses import replace

from medtransfer import store
from medtransfer.evaluation.conformal import Coverage
from medtransfer.evaluation.decisions import Decisions
from medtransfer.report.blocks import Note, Paragraph, TableBlock
from medtransfer.report.sections.prediction_sets import section
from medtransfer.report.settings import ReportSettings
from medtransfer.store.interval import Interval


def test_too_few_groups_are_said_once_for_all_models(settings: ReportSettings) -> None:
    what, why = section(store, settings).blocks
    assert isinstance(what, Paragraph)
    assert "at least 90%" in what.text
    assert isinstance(why, Paragraph)
    assert why.text.startswith("Prediction sets with a level of 0.9 need 9 groups")


def test_sets_have_two_tables_and_their_limits(settings: ReportSettings) -> None:
    artefact, high = store.evaluated(settings.dataset, "cnn").decisions(Decisions), Interval(0.9, 0.8, 1.0)
    coverage = Coverage(high, (high, high), high, high, high, high)
    artefact.write(replace(artefact.read(), coverage=coverage, without_coverage=""))
    kinds = [type(block) for block in section(store, settings).blocks]
    assert kinds == [Paragraph, Paragraph, Paragraph, Paragraph, TableBlock, TableBlock, Note]
