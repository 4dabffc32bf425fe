"""The data card."""

from dataclasses import replace

import pandas as pd

from medtransfer import store
from medtransfer.report.blocks import Facts, Notice, Picture, Subsection, TableBlock
from medtransfer.report.sections.data import section
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.datasets import Provenance


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


def test_union_shows_its_members_and_their_sources(settings: ReportSettings) -> None:
    index, origin = store.prepared(settings.dataset).index, store.origin(settings.dataset)
    table = index.read()
    members = ["first"] * 7 + ["second"] * (len(table) - 7)
    index.write(table.assign(member=members, member_label=table["label"].str.upper()))
    origin.write(replace(origin.read(), source={"kind": "union", "members": {"first": {}, "second": {}}}))
    blocks = section(store, settings).blocks
    _, shown = (block.frame for block in blocks if isinstance(block, TableBlock))
    assert shown.groupby("member")["images"].sum().to_dict() == {"first": 7, "second": 5}
    assert shown["its label"].tolist() == shown["label here"].str.upper().tolist()
    (facts,) = (block.facts for block in blocks if isinstance(block, Facts))
    assert facts["source"] == "a union of first, second"


def test_rejected_files_are_listed_where_there_are_any(settings: ReportSettings) -> None:
    assert "Files that are not in the set" in parts(settings)
    store.prepared(settings.dataset).rejected.write(pd.DataFrame({"id": [], "reason": []}))
    assert "Files that are not in the set" not in parts(settings)


def test_what_the_catalogue_does_not_state_is_said_to_be_so(settings: ReportSettings) -> None:
    card = store.settings_of_dataset(settings.dataset).card
    card.write(replace(card.read(), provenance=Provenance(dates="2005 to 2010")))
    (table,) = parts(settings)["Where the images come from"].blocks
    assert isinstance(table, TableBlock)
    stated = dict(table.frame.to_numpy().tolist())
    assert stated["dates of acquisition"] == "2005 to 2010"
    assert stated["licence"] == "CC0"
    assert stated["annotators"] == stated["source of the images"] == "not stated"
    assert len(stated) == len(Provenance.model_fields) + 1


def parts(settings: ReportSettings) -> dict[str, Subsection]:
    return {block.title: block for block in section(store, settings).blocks if isinstance(block, Subsection)}
