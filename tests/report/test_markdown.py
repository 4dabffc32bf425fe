"""Tables are written between their markers, and nothing else is touched."""

import pandas as pd
import pytest

from medtransfer.report import markdown
from medtransfer.settings.errors import UserError

TEXT = (
    "before\n<!-- results: a -->\nold\n<!-- end of results -->\nafter\n<!-- results: b -->\n<!-- end of results -->\n"
)
TABLE = pd.DataFrame({"set": ["x", "y"], "share": ["1.0%", "–"]})


def test_only_the_named_block_changes() -> None:
    assert markdown.replaced(TEXT, "a", "new\n") == TEXT.replace("old", "new")
    assert markdown.replaced(TEXT, "b", "new\n").startswith(TEXT[:60])


def test_a_table_reads_back_as_it_was_written() -> None:
    pd.testing.assert_frame_equal(
        markdown.rows_between(markdown.replaced(TEXT, "b", markdown.table(TABLE)), "b"), TABLE
    )


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"": ["x"], "share": ["1.0%"]}),
        pd.DataFrame({"set": ["", "y"], "share": ["", ""]}),
        pd.DataFrame({"a|b": ["c | d", "|"], "": ["|e", ""]}),
    ],
    ids=["empty header", "empty cells", "bars"],
)
def test_empty_cells_and_bars_are_read_back(frame: pd.DataFrame) -> None:
    written = markdown.replaced(TEXT, "b", markdown.table(frame))
    pd.testing.assert_frame_equal(markdown.rows_between(written, "b"), frame)


def test_an_empty_block_has_no_rows() -> None:
    assert markdown.rows_between(TEXT, "b").empty


def test_a_block_is_found_by_its_whole_name() -> None:
    assert markdown.has(TEXT, "a")
    assert not markdown.has(TEXT, "")


def test_a_missing_block_is_named() -> None:
    with pytest.raises(UserError, match=r"no table for c: put the lines <!-- results: c -->"):
        markdown.replaced(TEXT, "c", "")
