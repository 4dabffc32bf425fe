"""What copies of test images in development are worth, in accuracy."""

from medtransfer.plotting import png
from medtransfer.report import leakage
from medtransfer.report.blocks import Block, Note, Picture, Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 610


def section(store: Store, settings: ReportSettings) -> Section:
    """Table, figure and text; the text alone says why the experiment was left out."""
    experiment = store.leakage_experiment(settings.dataset).read()
    blocks: list[Block] = []
    if experiment["model"] is not None:
        accuracy = experiment["all"]["accuracy"]
        by_arm = "; ".join(f"{title}: {accuracy[arm]['value']:.3f}" for arm, title in leakage.ARMS.items())
        picture = Picture(
            png(leakage.experiment_figure(experiment)),
            f"Accuracy of {experiment['model']}. {by_arm}.",
            "Accuracy of the same recipe on the same test images, after training on three development sets.",
        )
        blocks += [TableBlock(leakage.experiment_table(experiment).drop(columns=["data set", "model"])), picture]
    blocks.append(Note(leakage.experiment_in_words(experiment)))
    return Section("What leakage is worth", "leakage-experiment", blocks)
