"""The tables of README.md and docs/ are written from results, and stay where nothing new was measured."""

from pathlib import Path

import pytest

from medtransfer import store
from medtransfer.report import markdown, readme
from medtransfer.report.settings import ReportSettings
from medtransfer.settings import files
from tests.conftest import ROOT
from tests.report.finished_study import AUDIT, DATASET

BLOCKS = (DATASET, "data sets", "leakage", "pictures", "experiment", "overlap")
OLD = """| data set | strategy | test images | test pictures | identical pixels | near-duplicate | \
mirrored or turned copy | with a copy | same patient | exact groups on both sides |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| d | random | 9 | 9 | 9 | 9 | 9 | 9.0% | 9 | 9 |
| br35h | random | 600 | 183 | 0 | 553 | 22 | 95.8% | not named | 0 |
"""


@pytest.fixture
def pages(settings: ReportSettings, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every page that may hold a block, each with all blocks; the results of a study beside them."""
    for file in (files.PARAMS, files.DATASETS, files.MODELS, files.ENSEMBLES):
        file.write_text((ROOT / file).read_text())
    store.summary().write("\nSlices\n\nmodel accuracy\n  cnn    0.500\n")
    store.leakage(DATASET).write(AUDIT | {"duplicates": settings.params.duplicates.model_dump()})
    pages = [Path(name) for name in ("README.md", "docs/data.md", "docs/results.md")]
    Path("docs").mkdir()
    for page in pages:
        text = "".join(f"<!-- results: {block} -->\n{markdown.END}" for block in BLOCKS)
        page.write_text(markdown.replaced(text, "leakage", OLD))
    return pages


def test_results_replace_those_of_the_same_set_and_leave_the_others(
    pages: list[Path], settings: ReportSettings
) -> None:
    readme.main(settings.params)
    texts = [page.read_text() for page in pages]
    assert any(f"<!-- results: {DATASET} -->\n```\nSlices\n\nmodel accuracy" in text for text in texts)
    tables = [markdown.rows_between(text, "leakage") for text in texts]
    (table,) = [table for table in tables if "grouped" in set(table["strategy"])]
    rows = table[["data set", "strategy", "test images"]].to_numpy().tolist()
    assert sorted(rows) == [["br35h", "random", "600"], ["d", "grouped", "4"], ["d", "random", "4"]]
    readme.main(settings.params)
    assert [page.read_text() for page in pages] == texts
