"""PYTHONPATH=src .venv/bin/python bench/near_duplicates.py [NAME ...]

Shows which copies the search of medtransfer.data.duplicates.search finds, and what it takes for copies that are none: images of
real sets are changed in many ways and searched for among all originals; pairs of two labels, and of two patients, are
counted at several thresholds around those of `duplicates` in params.yaml.

Takes data/raw/NAME.zip of data sets in the catalogue (by default the three below), and one set that is made by code,
whose patients are known. Puts the tables into docs/near-duplicates.md and draws docs/near-duplicates.png; with names
of your own, tmp/near-duplicates.md and .png. Some ten minutes on two cores; `bench/near_duplicates.py phantom` is a
trial of one.
"""

import sys
from pathlib import Path

import _recall
import _strangers
from _near_duplicates_figure import figure
from _near_duplicates_tables import tables
from _originals import changed, made_by_code, originals
from _truth import truth

from medtransfer import plotting
from medtransfer.report import markdown
from medtransfer.settings.load import load

SETS = ("br35h", "sartaj", "navoneel")
MADE = "phantom"


def main() -> None:
    """Measure, fill the tables and draw the figure."""
    names = tuple(sys.argv[1:]) or SETS
    settings = load()
    archives = {name: Path(f"data/raw/{name}.zip") for name in names if name != MADE}
    for name, archive in archives.items():
        if not archive.exists():
            sys.exit(f"{archive} is missing; fetch it: dvc exp run -S dataset={name}")
    sets = [originals(name, archive, settings.dataset(name)) for name, archive in archives.items()]
    made = made_by_code(MADE, settings.dataset(MADE))
    choice = settings.params.duplicates
    strangers = [_strangers.measure(known, choice) for known in (*sets, made)]
    searched = sets or [made]
    recall = _recall.measure(truth(searched, strangers[: len(searched)]), changed(searched))

    filled = tables(recall, strangers, choice)
    folder = Path("docs" if names == SETS else "tmp")
    page = folder / "near-duplicates.md"
    text = page.read_text(encoding="utf-8") if names == SETS else _blank(filled)
    for block, body in filled.items():
        text = markdown.replaced(text, block, body)
    folder.mkdir(exist_ok=True)
    page.write_text(text, encoding="utf-8")
    plotting.write_png(page.with_suffix(".png"), figure(recall.by_change))
    print(f"{page} and {page.with_suffix('.png')} are written")


def _blank(blocks: dict[str, str]) -> str:
    """A page of tables alone."""
    return "\n".join(f"## {block}\n\n<!-- results: {block} -->\n{markdown.END}" for block in blocks)


if __name__ == "__main__":
    main()
