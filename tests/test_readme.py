"""The README's numbers are the pipeline's: those of the metrics committed beside it."""

import json
import re

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_table_holds_the_committed_metrics() -> None:
    metrics = json.loads((ROOT / "metrics/metrics.json").read_text())
    block = re.search(rf"<!-- results: {metrics['dataset']} -->\n(.*?)<!-- end of results -->", README, re.DOTALL)
    assert block, "README.md has no table for the committed data set"
    head, *rows = [line.split() for line in block[1].splitlines() if len(line.split()) == 7]
    row = next((row for row in rows if row[0] == metrics["model"]), None)
    assert row, "make readme has not been run since the headline model changed"
    titles = {"accuracy": "accuracy", "sensitivity": "sensitivity", "specificity": "specificity", "F1": "f1"}
    for title, name in titles.items():
        assert row[head.index(title)] == f"{metrics['test'][name]:.3f}", "run make reproduce readme"


def test_files_that_the_readme_links_to_are_there() -> None:
    assert all((ROOT / link).exists() for link in re.findall(r"\]\((?!http)([^)#]+)\)", README))
