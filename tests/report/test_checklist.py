"""Items lead to the sections that are there, and what is not answered is said to be so."""

from medtransfer.report.blocks import Section, Subsection, TableBlock
from medtransfer.report.checklist import checklist
from medtransfer.report.checklist_items import CHECKLIST
from medtransfer.settings.datasets import Provenance

ITEMS = [item for chapter in CHECKLIST.values() for item in chapter]


def answers(section: Section) -> dict[str, str]:
    """The answer of each item, by what is asked for."""
    parts = [block for block in section.blocks if isinstance(block, Subsection)]
    tables = [block for part in parts for block in part.blocks if isinstance(block, TableBlock)]
    rows = [row for table in tables for row in table.frame.to_numpy().tolist()]
    return {question.partition("<small>")[0]: str(answer) for question, answer in rows}


def test_item_without_a_section_is_not_answered() -> None:
    bare = answers(checklist([], Provenance()))
    assert len(bare) == len(ITEMS)
    assert bare.pop("which guidelines the report is held against") == '<a href="#checklist">Checklist</a>.'
    assert all(answer.startswith("Not answered.") for answer in bare.values())


def test_field_that_is_not_stated_is_no_answer() -> None:
    sections = [Section("Data", "data", [Subsection("Where the images come from", [], anchor="provenance")])]
    link = '<a href="#provenance">Data: Where the images come from</a>'
    assert answers(checklist(sections, Provenance()))["dates of acquisition"] == f"{link}: not stated."
    assert answers(checklist(sections, Provenance(dates="2005")))["dates of acquisition"] == f"{link}."
    fields = {item.field for item in ITEMS if item.field}
    assert fields == set(Provenance.model_fields) - {"reference"}


def test_section_that_comes_is_linked_without_a_change() -> None:
    section = checklist([Section("How well probabilities fit", "calibration", [])], Provenance())
    expected = '<a href="#calibration">How well probabilities fit</a>.'
    assert answers(section)["calibration of the probabilities"] == expected
