"""Write the tables of README.md and docs/ from what the pipeline measured. Not a DVC stage: `make readme`."""

from pathlib import Path

import pandas as pd

from medtransfer import store
from medtransfer.report import leakage, markdown, tables
from medtransfer.settings.command import run
from medtransfer.settings.load import Settings, load
from medtransfer.settings.params import Params

README, DATA, RESULTS = Path("README.md"), Path("docs/data.md"), Path("docs/results.md")
# Where each block lies; those that are not named here, among them the results of real data sets, are in RESULTS.
PAGES = {"phantom": README} | dict.fromkeys(("data sets", "pictures", "leakage", "overlap"), DATA)


def page(block: str) -> Path:
    """The file that holds a block."""
    return PAGES.get(block, RESULTS)


def main(params: Params) -> None:
    """The results of the active data set, the catalogue, and the audits of every set that was split here."""
    name, settings = params.dataset, load()
    summary = store.summary().read()
    strategy = params.split.strategy
    block = name if strategy == "grouped" else f"{name}, {strategy}"
    if markdown.has(page(block).read_text(encoding="utf-8"), block):  # not every set's results are shown
        _put(block, f"```\n{summary.strip()}\n```\n")
    _put("data sets", markdown.table(tables.catalogue(settings.datasets)))
    audits = store.every(store.leakage)
    choice = params.duplicates.model_dump()
    audits = [audit for audit in audits if audit["duplicates"] == choice]  # of other thresholds, other numbers
    _update("leakage", [leakage.audit_table(audit) for audit in audits], settings)
    _update("pictures", [leakage.pictures_table(audit) for audit in audits], settings)
    experiments = store.every(store.leakage_experiment)
    _update(
        "experiment",
        [leakage.experiment_table(experiment) for experiment in experiments if experiment["model"]],
        settings,
    )
    pairs = store.overlap().read()["pairs"]
    _update("overlap", [leakage.overlap_table([pair]) for pair in pairs], settings)


def _put(block: str, body: str) -> None:
    text = page(block).read_text(encoding="utf-8")
    page(block).write_text(markdown.replaced(text, block, body), encoding="utf-8")


def _update(block: str, measured: list[pd.DataFrame], settings: Settings) -> None:
    """A table with the rows of the sets measured here in place of their old ones; other sets keep theirs."""
    if not measured:
        return
    old = markdown.rows_between(page(block).read_text(encoding="utf-8"), block)
    if set(old.columns) != set(measured[0].columns):
        old = old[:0]  # the table has changed: the other sets' rows have to be measured again
    new = pd.concat([*measured, old])
    keys = [column for column in ("data set", "compared with", "strategy", "tested on") if column in new]
    order = {name: place for place, name in enumerate(settings.datasets)}
    new = new.drop_duplicates(keys).sort_values(
        keys, key=lambda column: column.map(order) if column.name == "data set" else column
    )
    _put(block, markdown.table(new))


if __name__ == "__main__":
    run(main)
