"""The table that is printed at the end of a run and shown in the README."""

import textwrap

import pandas as pd

from medtransfer.report.page import NOT_A_DEVICE
from medtransfer.report.scores import printed
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.verdict import verdict


def scores(store: Store, settings: ReportSettings) -> pd.DataFrame:
    """For each model a row of scores on the held-out test set, and one of their intervals."""
    return printed({name: store.metrics(settings.dataset, name).read() for name in settings.models})


def summary(store: Store, settings: ReportSettings, frame: pd.DataFrame) -> str:
    """A table of `scores` under the data set's title, the verdict, and where the report lies."""
    title = store.settings_of_dataset(settings.dataset).card.read().title
    evaluation = store.metrics(settings.dataset, settings.headline).read()
    spread = ", and ± standard deviation over folds" if evaluation.tested == "folds" else ""
    sentences = "\n".join(textwrap.fill(each, 100) for each in verdict(store, settings))
    return (
        f"\n{title}: held-out test set of {evaluation.images} images\n\n{frame.to_string(index=False)}\n"
        f"below each score: its 95 % interval{spread}\n\n"
        f"{sentences}\n\nreport: {store.page().path}\n{NOT_A_DEVICE}\n"
    )
