"""PYTHONPATH=src .venv/bin/python -m bench.near_duplicates [trial | NAME ...]

Which copies the search of medtransfer.data.duplicates.search finds, and what it mistakes for a copy: images of real
sets are changed in many ways and searched for among all originals; pairs of two labels, and of two patients, are
counted at several thresholds around those of `duplicates` in params.yaml.

Takes data/raw/NAME.zip of data sets in the catalogue (by default br35h, sartaj and navoneel), and one set that is made
by code, whose patients are known. Writes the tables of docs/near-duplicates.md and draws docs/near-duplicates.png, in
some ten minutes on two cores. With other names it prints the tables and writes nothing; `trial` does so in seconds for
a few images made by code.
"""

import sys
from pathlib import Path

from bench.near_duplicates import recall, thresholds
from bench.near_duplicates.figure import figure
from bench.near_duplicates.images import changed, made_by_code, originals
from bench.near_duplicates.pictures import known_pictures
from bench.near_duplicates.tables import BLOCKS, tables
from bench.page import publish, require_blocks
from medtransfer import plotting, store
from medtransfer.settings.datasets import PhantomSource
from medtransfer.settings.load import load

PAGE = Path("docs/near-duplicates.md")
SETS = ("br35h", "sartaj", "navoneel")
MADE = "phantom"
CHANGED, TRIAL_CHANGED = 43, 1  # images of each set that are changed
TRIAL_EVERY = 5  # of the kinds of change
TRIAL = PhantomSource(kind="phantom", size=48, patients=8, slices_per_patient=1, seed=7)


def main(names: tuple[str, ...], trial: bool) -> None:
    """Measure, fill the tables and draw the figure."""
    require_blocks(PAGE, BLOCKS)
    settings = load()
    if missing := [name for name in names if not store.archive(name).exists()]:
        sys.exit(f"{store.archive(missing[0])} is missing; fetch it: dvc exp run -S dataset={missing[0]} download")
    sets = [originals(name, store.archive(name), settings.dataset(name), CHANGED) for name in names]
    made_entry = settings.dataset(MADE)
    if trial:
        made_entry = made_entry.model_copy(update={"source": TRIAL})
    made = made_by_code(MADE, made_entry, TRIAL_CHANGED if trial else CHANGED)
    choice = settings.params.duplicates
    joined = [thresholds.measure(known, choice) for known in (*sets, made)]
    searched = sets or [made]
    result = recall.measure(
        known_pictures(searched, joined[: len(searched)]), changed(searched, TRIAL_EVERY if trial else 1)
    )
    publish(PAGE, tables(result, joined, choice), trial=names != SETS)
    drawing = plotting.png(figure(result.by_change))
    if names == SETS:
        PAGE.with_suffix(".png").write_bytes(drawing)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["trial"]:
            main((), True)
        case names:
            main(tuple(names) or SETS, False)
