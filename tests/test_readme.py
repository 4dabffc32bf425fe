"""The numbers in README.md and docs/ are the pipeline's, and what the pages name is there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from pydantic import BaseModel

from medtransfer.report import markdown, tables
from medtransfer.report.readme import page
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.fidelity import Audit
from medtransfer.settings.load import load
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Ensemble, Recipe
from medtransfer.settings.reported import Reported
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("weights/*.md")])


def rows(block: str) -> pd.DataFrame:
    """The table of a block, from the page where it lies."""
    return markdown.rows_between((ROOT / page(block)).read_text(), block)


def printed(block: str) -> pd.DataFrame:
    """The table that a run printed, by model: the text of a cell, without spaces."""
    text = (ROOT / page(block)).read_text()
    match = re.search(rf"<!-- results: {block} -->\n(.*?)<!-- end of results -->", text, re.DOTALL)
    assert match, f"{page(block)} has no table for {block}"
    lines = [line.split() for line in match[1].splitlines()]
    head = next(line for line in lines if line[:2] == ["model", "accuracy"])
    return pd.DataFrame([line for line in lines if len(line) == len(head) and line != head], columns=head).set_index(
        "model"
    )


def test_table_holds_the_committed_metrics() -> None:
    """Not those of a run since: on another kind of machine, networks end elsewhere."""
    committed = ["git", "show", "HEAD:./metrics/metrics.json"]
    metrics = json.loads(subprocess.run(committed, cwd=ROOT, capture_output=True, check=True).stdout)
    table = printed(metrics["dataset"])
    assert metrics["model"] in table.index, "make readme has not been run since the headline model changed"
    row = table.loc[metrics["model"]]
    for name in ("accuracy", "sensitivity", "specificity", "F1", "loss"):
        assert row[name] == f"{metrics['test'][name.lower()]:.3f}", "run make reproduce readme"


def test_data_sets_of_the_page_are_those_of_the_catalogue() -> None:
    """An entry that is new has no row before `make readme`; adding it is no more than that."""
    entries = tables.catalogue(load(ROOT).datasets).set_index("data set")
    table = rows("data sets").set_index("data set")
    pd.testing.assert_frame_equal(table, entries.loc[table.index], check_dtype=False)


def test_finding_on_the_first_screen_is_that_of_the_tables() -> None:
    finding = dict(re.findall(r"^\| (.+?) \| ([\d,.]+) \|$", README, re.MULTILINE))
    [br35h] = [row for row in rows("pictures").to_dict("records") if row["data set"] == "br35h"]
    model = "mobilenetv2_imagenet"
    assert finding == {
        "images": f"{int(br35h['images']):,}",
        "pictures (all copies of a picture count once)": br35h["pictures"],
        "test accuracy under a random split": printed("br35h, random").loc[model, "accuracy"],
        "test accuracy where copies stay together": printed("br35h").loc[model, "accuracy"],
    }, "the table in README.md is written by hand: take the numbers from docs/data.md and docs/results.md"


def test_leakage_of_the_real_sets_is_there_and_none_is_left_under_grouped() -> None:
    leakage = {(row["data set"], row["strategy"]): row for row in rows("leakage").to_dict("records")}
    for name in ("br35h", "sartaj", "navoneel"):
        kinds = ("identical pixels", "near-duplicate", "mirrored or turned copy")
        assert [leakage[name, "grouped"][kind] for kind in kinds] == ["0"] * 3
        assert int(leakage[name, "random"]["near-duplicate"]) > 0
    assert int(leakage["br35h", "random"]["mirrored or turned copy"]) > 0
    assert leakage["sartaj", "shipped"]["exact groups on both sides"] == "208"


@pytest.mark.parametrize("block", ["experiment", "pictures"])
def test_every_set_that_was_run_in_full_has_its_rows(block: str) -> None:
    assert {"phantom", "br35h", "sartaj", "navoneel"} <= set(rows(block)["data set"])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link, _, section in re.findall(r"\]\((?!http)([^)#]*)(#([^)]+))?\)", path.read_text()):
        target = (path.parent / link).resolve() if link else path
        assert target.exists(), link
        if section:
            titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert section in {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


def test_every_key_is_in_the_page_on_configuration() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    named = {part for code in re.findall(r"`([^`]+)`", text) for part in re.split(r"[.,\s]+", code)}
    schemas: list[type[BaseModel]] = [Params, Dataset, Recipe, Ensemble, Reported, Audit]
    keys = set()
    while schemas:
        for key, field in schemas.pop().model_fields.items():
            keys.add(field.alias or key)
            schemas += inner_schemas(field.annotation)
    assert not keys - named, "docs/configuration.md leaves them out"


def inner_schemas(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """The schemas within a type: of a union, a list, a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [schema for argument in get_args(annotation) for schema in inner_schemas(argument)]
