"""The README's numbers are the pipeline's: those of the metrics committed beside it."""

import json
import re

import pandas as pd

from medtransfer.report import markdown, tables
from medtransfer.settings.load import load
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_table_holds_the_committed_metrics() -> None:
    metrics = json.loads((ROOT / "metrics/metrics.json").read_text())
    block = re.search(rf"<!-- results: {metrics['dataset']} -->\n(.*?)<!-- end of results -->", README, re.DOTALL)
    assert block, "README.md has no table for the committed data set"
    lines = [line.split() for line in block[1].splitlines()]
    head = next(line for line in lines if line[:2] == ["model", "accuracy"])
    rows = [line for line in lines if len(line) == len(head)]
    row = next((row for row in rows if row[0] == metrics["model"]), None)
    assert row, "make readme has not been run since the headline model changed"
    for name in ("accuracy", "sensitivity", "specificity", "F1", "loss"):
        assert row[head.index(name)] == f"{metrics['test'][name.lower()]:.3f}", "run make reproduce readme"


def test_catalogue_is_a_row_each() -> None:
    rows = markdown.rows_between(README, "data sets")
    pd.testing.assert_frame_equal(rows, tables.catalogue(load(ROOT).datasets), check_dtype=False)


def test_leakage_of_the_real_sets_is_there_and_none_is_left_under_grouped() -> None:
    rows = markdown.rows_between(README, "leakage").to_dict("records")
    found = {(row["data set"], row["strategy"]): row for row in rows}
    for name in ("br35h", "sartaj", "navoneel"):
        kinds = ("identical pixels", "near-duplicate", "mirrored or turned copy")
        assert [found[name, "grouped"][kind] for kind in kinds] == ["0"] * 3
        assert int(found[name, "random"]["near-duplicate"]) > 0
    assert int(found["br35h", "random"]["mirrored or turned copy"]) > 0
    assert found["sartaj", "shipped"]["exact groups torn apart"] == "208"


def test_scores_of_the_random_split_stand_beside_those_of_the_default_split() -> None:
    blocks = [
        re.search(rf"<!-- results: {name} -->\n(.*?)<!-- end", README, re.DOTALL) for name in ("br35h", "br35h, random")
    ]
    assert all(block and "mobilenetv2_imagenet" in block[1] for block in blocks)


def test_what_leakage_is_worth_is_there_for_every_set_that_was_run() -> None:
    rows = markdown.rows_between(README, "experiment")
    assert {"phantom", "br35h", "sartaj", "navoneel"} <= set(rows["data set"])
    assert {"phantom", "br35h", "sartaj", "navoneel"} <= set(markdown.rows_between(README, "pictures")["data set"])


def test_files_that_the_readme_links_to_are_there() -> None:
    assert all((ROOT / link).exists() for link in re.findall(r"\]\((?!http)([^)#]+)\)", README))
