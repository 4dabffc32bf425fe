"""catalog/reported.yaml: what the papers print, to be compared with what is measured here."""

from collections.abc import Collection, Mapping
from pathlib import Path

from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import known
from medtransfer.settings.load import catalogue
from medtransfer.settings.reported import Reported

REPORTED = Path("catalog/reported.yaml")


def load_reported(root: Path = Path()) -> dict[str, Reported]:
    """The papers' results by study; a mistake in the file raises UserError."""
    return catalogue(Reported, root / REPORTED)


def check_reported(papers: Mapping[str, Reported], datasets: Mapping[str, Dataset]) -> None:
    """Raise UserError where a paper names a data set or a class that the catalogue does not have."""
    for study, paper in papers.items():
        for name in paper.datasets:
            known(name, datasets, "data set", REPORTED, f"{study}.datasets")
        for number, result in enumerate(paper.results):
            if result.label is not None:
                classes = datasets[result.dataset].classes
                known(result.label, classes, "class", REPORTED, f"{study}.results.{number}.label")


def check_reported_metrics(papers: Mapping[str, Reported], metrics: Collection[str], shares: Collection[str]) -> None:
    """Raise UserError where a paper's number is of no metric of the project, or above 1 though it is a share.

    `metrics` are the names that metrics are printed under, `shares` those of metrics between 0 and 1.
    """
    for study, paper in papers.items():
        for number, result in enumerate(paper.results):
            for name in result.metrics:
                known(name, metrics, "metric", REPORTED, f"{study}.results.{number}.metrics")
            if above := [name for name, value in result.metrics.items() if name in shares and value > 1]:
                raise UserError(
                    f"{REPORTED}: {study}.results.{number}.metrics: {', '.join(above)} above 1; write shares, "
                    "0.97 for 97 %"
                )
        of = {f"tests.{number}": test.metric for number, test in enumerate(paper.tests)}
        of |= {f"differences.{number}": gain.metric for number, gain in enumerate(paper.differences)}
        for place, name in of.items():
            known(name, metrics, "metric", REPORTED, f"{study}.{place}.metric")
