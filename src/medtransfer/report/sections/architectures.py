"""Every model's scores on the held-out test set."""

from medtransfer.evaluation.metrics import shown_in
from medtransfer.report.blocks import Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.summary import scores

ORDER = 100


def section(store: Store, settings: ReportSettings) -> Section:
    """A row for each model."""
    headline = store.metrics(settings.dataset, settings.headline).read()
    shown = shown_in("architectures").values()
    of_a_class = ", ".join(metric.title for metric in shown if metric.per_class)
    units = "".join(f" {metric.title}: in {metric.unit}." for metric in shown if metric.unit)
    caption = (
        "Scores on the held-out test set, of the mean probability of the models of all folds. Scores that belong to a "
        f"class ({of_a_class}): {_averaging(headline.averaging)}.{units} Copy-free: accuracy on the "
        f"{headline.test_copy_free.images} test images that have no copy in development."
    )
    return Section("Architectures", "architectures", [TableBlock(scores(store, settings), caption)])


def _averaging(averaging: str) -> str:
    """`averaging` is the positive class, or `mean over classes`."""
    return averaging if averaging == "mean over classes" else f"those of the class {averaging}"
