"""The data card."""

import pandas as pd

from medtransfer import store
from medtransfer.report.blocks import Facts, Notice, Picture, Subsection
from medtransfer.report.sections.data import section
from medtransfer.report.settings import ReportSettings


def test_warnings_stand_beside_what_they_are_of(settings: ReportSettings) -> None:
    blocks = section(store, settings).blocks
    first, second = (block.text for block in blocks if isinstance(block, Notice))
    assert first.startswith("Most of this set is copies: its 12 images show 4 independent pictures")
    assert second.startswith("Not every image names its patient")
    assert next(block.content for block in blocks if isinstance(block, Picture)) == b"copies"


def test_no_warning_where_pictures_are_independent_and_patients_named(settings: ReportSettings) -> None:
    audit, index = store.leakage(settings.dataset), store.prepared(settings.dataset).index
    audit.write(audit.read() | {"pictures": 11})
    index.write(index.read().assign(patient="p"))
    assert not any(isinstance(block, Notice) for block in section(store, settings).blocks)


def test_facts_name_source_and_split(settings: ReportSettings) -> None:
    (block,) = (block for block in section(store, settings).blocks if isinstance(block, Facts))
    assert block.facts["source"] == "Kaggle, a/b"
    assert block.facts["prepared"] == "8 × 8 pixels, grey"
    assert block.facts["split"] == "grouped: 30% held out, 2 folds, seed 42"


def test_rejected_files_are_listed_where_there_are_any(settings: ReportSettings) -> None:
    assert isinstance(section(store, settings).blocks[-1], Subsection)
    store.prepared(settings.dataset).rejected.write(pd.DataFrame({"id": [], "reason": []}))
    assert not isinstance(section(store, settings).blocks[-1], Subsection)
