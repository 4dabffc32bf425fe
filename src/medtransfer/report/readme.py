"""Write the README's tables from what the pipeline measured. Not a DVC stage: `make readme`."""

from pathlib import Path

import pandas as pd

from medtransfer import store
from medtransfer.command import run
from medtransfer.report import leakage, markdown, tables
from medtransfer.settings.load import Settings, load
from medtransfer.settings.params import Params


def main(params: Params) -> None:
    """The results of the active data set, the catalogue, and the audits of every set that was split here."""
    name, settings = params.dataset, load()
    readme, summary = Path("README.md"), store.summary().read()
    text = readme.read_text(encoding="utf-8")
    strategy = params.split.strategy
    block = name if strategy == "grouped" else f"{name}, {strategy}"
    if markdown.has(text, block):  # not every set's results are shown
        text = markdown.replaced(text, block, f"```\n{summary.strip()}\n```\n")
    text = markdown.replaced(text, "data sets", markdown.table(tables.catalogue(settings.datasets)))
    audits = store.every(store.leakage)
    choice = params.duplicates.model_dump()
    audits = [audit for audit in audits if audit["duplicates"] == choice]  # of other thresholds, other numbers
    text = _updated(text, "leakage", [leakage.audit_table(audit) for audit in audits], settings)
    text = _updated(text, "pictures", [leakage.pictures_table(audit) for audit in audits], settings)
    experiments = store.every(store.leakage_experiment)
    text = _updated(
        text, "experiment", [leakage.experiment_table(found) for found in experiments if found["model"]], settings
    )
    pairs = store.overlap().read()["pairs"]
    shared = [leakage.overlap_table([pair]) for pair in pairs]
    readme.write_text(_updated(text, "overlap", shared, settings), encoding="utf-8")


def _updated(text: str, block: str, measured: list[pd.DataFrame], settings: Settings) -> str:
    """A table with the rows of the sets measured here in place of their old ones; other sets keep theirs."""
    old = markdown.rows_between(text, block)
    if not measured:
        return text
    if set(old.columns) != set(measured[0].columns):
        old = old[:0]  # the table has changed: the other sets' rows have to be measured again
    new = pd.concat([*measured, old])
    keys = [column for column in ("data set", "compared with", "strategy", "tested on") if column in new]
    order = {name: place for place, name in enumerate(settings.datasets)}
    new = new.drop_duplicates(keys).sort_values(
        keys, key=lambda column: column.map(order) if column.name == "data set" else column
    )
    return markdown.replaced(text, block, markdown.table(new))


if __name__ == "__main__":
    run(main)
