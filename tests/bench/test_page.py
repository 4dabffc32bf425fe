"""Tables go into their blocks of a page, and the text around them stays; a missed limit or a trial writes nothing."""

from pathlib import Path

import pandas as pd
import pytest

from bench.page import publish, require_blocks

TEXT = "# Page\n\nBy hand.\n\n<!-- results: one -->\nold\n<!-- end of results -->\n\nAlso by hand.\n"
TABLES = {"one": pd.DataFrame({"a": ["1"], "b": ["2"]})}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(TEXT)
    return path


def test_a_table_replaces_the_content_of_its_block_alone(page: Path) -> None:
    publish(page, TABLES, trial=False)
    assert page.read_text() == TEXT.replace("old\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n")
    publish(page, {"one": pd.DataFrame({"c": [""]})}, trial=False)
    assert page.read_text() == TEXT.replace("old\n", "| c |\n| --- |\n|  |\n")


def test_a_trial_prints_and_writes_nothing(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(page, TABLES, trial=True, missed=["too slow"])
    assert "| a | b |" in capsys.readouterr().out
    assert page.read_text() == TEXT


def test_a_missed_limit_is_an_error_and_writes_nothing(page: Path) -> None:
    with pytest.raises(SystemExit, match="left as it is: too slow; too large"):
        publish(page, TABLES, trial=False, missed=["too slow", "too large"])
    assert page.read_text() == TEXT


def test_a_page_without_the_block_is_refused_before_the_measurement(page: Path) -> None:
    require_blocks(page, ["one"])
    with pytest.raises(SystemExit, match="has no block for two"):
        require_blocks(page, ["one", "two"])
