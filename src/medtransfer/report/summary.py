"""The table that is printed at the end of a run and shown in the README."""

import pandas as pd

from medtransfer.report import tables
from medtransfer.report.page import NOT_A_DEVICE
from medtransfer.report.settings import ReportSettings, Store


def scores(store: Store, settings: ReportSettings) -> pd.DataFrame:
    """A row for each model: its scores on the held-out test set."""
    return tables.architectures({name: store.metrics(settings.dataset, name).read() for name in settings.models})


def summary(store: Store, settings: ReportSettings, frame: pd.DataFrame) -> str:
    """A table of `scores` under the data set's title, and where the report lies."""
    title = store.settings_of_dataset(settings.dataset).card.read().title
    images = store.metrics(settings.dataset, settings.headline).read().images
    return (
        f"\n{title}: held-out test set of {images} images\n\n{frame.to_string(index=False)}\n\n"
        f"report: {store.page().path}\n{NOT_A_DEVICE}\n"
    )
