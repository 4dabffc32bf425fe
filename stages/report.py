"""Write the page that shows all results, and print the summary table."""

from medtransfer import store
from medtransfer.report.page import render, report_page
from medtransfer.report.settings import ReportSettings
from medtransfer.report.summary import scores, summary
from medtransfer.report.times import times_page
from medtransfer.settings.command import run
from medtransfer.settings.params import Params


def main(params: Params, dataset: str, model: str) -> None:
    """The report on a data set; `model` is its headline. times.html is written beside it, and is no output of DVC."""
    settings = ReportSettings(dataset, model, params)
    store.page().write(render(report_page(store, settings)))
    store.times_page().write(render(times_page(settings)))
    table = summary(store, settings, scores(store, settings))
    store.summary().write(table)
    print(table)


if __name__ == "__main__":
    run(main)
