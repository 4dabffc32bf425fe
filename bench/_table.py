"""What the timing scripts share: a table on the screen and in its own section of docs/benchmarks.md."""

import os
import platform
import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path("docs/benchmarks.md")
HEAD = "# Benchmarks\n\n<!-- The tables are written by the scripts in bench/. -->\n"
END = "<!-- end -->"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; columns after the first are numbers."""
    lines = [head, ("---", *["--:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine() -> str:
    """The machine in general words."""
    return f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def peak_mb(who: int) -> float:
    """Most memory at one time so far: of this process, or of the largest child that has ended."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(who).ru_maxrss * unit / 1e6


def publish(name: str, section: str, missed: Sequence[str]) -> None:
    """Print a section, and put it into docs/benchmarks.md in the place of the last one of this name.

    Where a limit is `missed`, exits 1 instead and leaves the page as it is.
    """
    print(section)
    if missed:
        sys.exit(f"{PAGE} is left as it is: {'; '.join(missed)}")
    begin = f"<!-- bench: {name} -->"
    block = f"{begin}\n{section.strip()}\n{END}"
    page = PAGE.read_text() if PAGE.exists() else HEAD
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(END)}", re.DOTALL)
    page = old.sub(lambda _: block, page) if old.search(page) else f"{page.rstrip()}\n\n{block}\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page)
