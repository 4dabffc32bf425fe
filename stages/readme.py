"""Write the README's table of the active data set from the report's summary. Not a DVC stage: `make readme`."""

import re
from pathlib import Path

from medtransfer.config import Config
from medtransfer.errors import UserError
from stages.common import run


def main(settings: Config) -> None:
    """Replace what stands between the markers of the active data set."""
    name = settings.params.dataset
    readme, summary = Path("README.md"), Path("reports/summary.txt")
    if not summary.exists():
        raise UserError(f"{summary} is missing; make it with: make reproduce")
    start, end = f"<!-- results: {name} -->\n", "<!-- end of results -->\n"
    text = readme.read_text(encoding="utf-8")
    if start not in text:
        raise UserError(f"README.md has no table for {name}: put the lines {start.strip()} and {end.strip()} into it")
    block = f"{start}```\n{summary.read_text(encoding='utf-8').strip()}\n```\n{end}"
    pattern = re.escape(start) + ".*?" + re.escape(end)
    readme.write_text(re.sub(pattern, lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    run(main)
