"""What perturbed test images and other seeds do to the headline model's accuracy."""

from medtransfer.plotting import png
from medtransfer.report import robustness
from medtransfer.report.blocks import Block, Paragraph, Picture, Section, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 340
CAPTION = (
    "Accuracy on the same held-out images, changed after they were prepared, by the same rule for naming a class. "
    "Drop: from the accuracy on the images as they are, paired image by image; intervals by resampling groups, and "
    "for accuracies by Wilson's where each group holds one image. Intervals are not corrected for the number of rows. "
    "Noise, direction of rotation and all else that is random follows from the image's name. These are simple changes "
    "by code: they do not stand for another scanner, protocol or hospital."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Sentences, a figure and a table."""
    record = store.robustness(settings.dataset, settings.headline).read()
    by_kind = "; ".join(
        f"{key}: {', '.join(f'{row.accuracy.value:.3f}' for row in rows)}" for key, rows in robustness.of_each(record)
    )
    picture = Picture(
        png(robustness.figure(record)),
        f"Accuracy from mild to strong perturbations, against {record.plain.value:.3f} without. {by_kind}.",
        "Accuracy against the strength of each perturbation, with 95 % intervals. The table has the strengths.",
    )
    blocks: list[Block] = [
        Paragraph(robustness.in_words(record)),
        picture,
        TableBlock(robustness.table(record), CAPTION),
        Paragraph(robustness.seeds_in_words(record)),
    ]
    return Section("Robustness", "robustness", blocks)
