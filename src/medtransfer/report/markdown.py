"""Tables in Markdown, between markers in a text that people write: what is outside the markers stays as it is."""

import re

import pandas as pd

from medtransfer.settings.errors import UserError

END = "<!-- end of results -->\n"
ESCAPED = r"\|"  # a bar that is part of a cell


def table(frame: pd.DataFrame) -> str:
    """A data frame of text as a Markdown table."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.itertuples(index=False, name=None)]
    return "".join(f"| {' | '.join(str(cell).replace('|', ESCAPED) for cell in row)} |\n" for row in rows)


def rows_between(text: str, name: str) -> pd.DataFrame:
    """The Markdown table that stands in the block `name`; no rows where there is none yet."""
    lines = [_cells(line) for line in _block(text, name).splitlines() if line.startswith("|")]
    return pd.DataFrame(lines[2:], columns=lines[0]) if len(lines) > 2 else pd.DataFrame()


def _cells(line: str) -> list[str]:
    """Of one line of a table; an empty cell stays, wherever it stands."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace(ESCAPED, "|") for cell in re.split(r"(?<!\\)\|", inner)]


def replaced(text: str, name: str, body: str) -> str:
    """The text with another content in the block `name`; raises UserError where it has no such block."""
    start = _start(name)
    old = start + _block(text, name) + END
    return text.replace(old, f"{start}{body}{END}")


def has(text: str, name: str) -> bool:
    """Whether the text has a block of this name."""
    return _start(name) in text


def _start(name: str) -> str:
    return f"<!-- results: {name} -->\n"


def _block(text: str, name: str) -> str:
    match = re.search(re.escape(_start(name)) + "(.*?)" + re.escape(END), text, re.DOTALL)
    if not match:
        raise UserError(
            f"there is no table for {name}: put the lines {_start(name).strip()} and {END.strip()} into the page that "
            "is to show it"
        )
    return match[1]
