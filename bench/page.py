"""Tables of measurements in the pages under docs/: the scripts write the tables, people the text around them."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from medtransfer.report import markdown

BENCHMARKS = Path("docs/benchmarks.md")


def require_blocks(page: Path, names: Sequence[str]) -> None:
    """Exit with a sentence where a page has no place for a table: before a long run, not after it."""
    text = page.read_text(encoding="utf-8")
    if missing := [name for name in names if not markdown.has(text, name)]:
        end = markdown.END.strip()
        sys.exit(f"{page} has no block for {', '.join(missing)}; add the lines <!-- results: NAME --> and {end}")


def publish(page: Path, tables: Mapping[str, pd.DataFrame], trial: bool, missed: Sequence[str] = ()) -> None:
    """Print tables and put each into the block of its name; a trial, or a run with a `missed` limit, writes nothing.

    Exits 1 where a limit is missed.
    """
    blocks = {name: markdown.table(table) for name, table in tables.items()}
    print("\n".join(blocks.values()))
    if trial:
        return
    if missed:
        sys.exit(f"{page} is left as it is: {'; '.join(missed)}")
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        text = markdown.replaced(text, name, block)
    page.write_text(text, encoding="utf-8")


def machine() -> str:
    """The machine in general words."""
    return f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
