"""Decisions of a set with a condition, and of one without."""

from dataclasses import replace

from medtransfer import store
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.thresholds import ThresholdRule
from medtransfer.report.blocks import Paragraph, Picture, Subsection, TableBlock
from medtransfer.report.sections.decisions import section
from medtransfer.report.settings import ReportSettings
from medtransfer.store.interval import Interval


def parts(settings: ReportSettings) -> dict[str, Subsection]:
    """The subsections by their title."""
    return {block.title: block for block in section(store, settings).blocks if isinstance(block, Subsection)}


def test_condition_threshold_rates_and_curve_are_shown(settings: ReportSettings) -> None:
    opening, subsections = section(store, settings).blocks[0], parts(settings)
    assert isinstance(opening, Paragraph)
    assert opening.text == "The condition to be found is “ill”, against well."
    assert [type(block) for block in subsections["Threshold"].blocks] == [Paragraph, Picture]
    picture = subsections["Threshold"].blocks[1]
    assert isinstance(picture, Picture)
    assert "on the 8 development images of 8 groups; of two classes" in picture.caption
    (rates,) = subsections["Operating points"].blocks
    assert isinstance(rates, TableBlock)
    assert rates.frame.shape == (3, 5)
    (values,) = subsections["Predictive values"].blocks
    assert isinstance(values, Paragraph)
    assert values.text.startswith("The condition is present in 50% of the test images.")
    assert subsections["Decision curve"].anchor == "decision-curves"


def test_stated_sensitivity_and_prevalence_bring_tables_and_no_condition_one_sentence(settings: ReportSettings) -> None:
    artefacts = [store.evaluated(settings.dataset, model).decisions(Decisions) for model in settings.models]
    rule = ThresholdRule("sensitivity", 0.5, Condition(0, healthy=False), 0.4, 0.5, 0.75)
    for artefact in artefacts:
        artefact.write(replace(artefact.read(), rule=rule, prevalence=0.1, ppv=Interval(0.5, 0.25, 0.75)))
    subsections = parts(settings)
    assert [type(block) for block in subsections["Threshold"].blocks] == [Paragraph, TableBlock, Picture]
    values = subsections["Predictive values"].blocks[1]
    assert isinstance(values, TableBlock)
    assert "where a share of 0.1 has “ill”" in values.caption
    for artefact in artefacts:
        artefact.write(replace(artefact.read(), condition=None))
    assert list(parts(settings)) == ["Threshold"]
    (sentence,) = parts(settings)["Threshold"].blocks
    assert isinstance(sentence, Paragraph)
    assert "names neither a positive nor a healthy class" in sentence.text
