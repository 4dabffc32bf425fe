"""How many independent cases the test set has, and how exact an accuracy can be with so many."""

from medtransfer.report.blocks import Note, Paragraph, Section, TableBlock
from medtransfer.report.sample_size import widths
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.partitions import TEST

ORDER = 520
CAPTION = (
    "Wilson's 95 % interval of an accuracy near 50, 80 and 95 %, if every group of the test set were a single case. It "
    "depends on the size of the test set alone, not on a model. Right: how many cases are predicted right. Width: of "
    "the interval, in percentage points."
)
READING = (
    "Images of one group tend to be right or wrong together. If they always are, a group counts as one case, as in "
    "this table; if they never are, every image counts. A difference between models that is much smaller than these "
    "widths is not seen in their intervals. Tests on the same images can see smaller ones: see Comparison."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """Numbers in a sentence, and a table; None where the test set is empty."""
    split = store.split(settings.dataset).read()
    test = split[split["partition"] == TEST]
    groups = test["group"].nunique()
    if not groups:
        return None
    of_class = {name: rows["group"].nunique() for name, rows in test.groupby("label")}
    by_class = ", ".join(f"{name} {count}" for name, count in of_class.items())
    twice = "; a group of several labels counts for each" if sum(of_class.values()) > groups else ""
    counts = (
        f"The held-out test set has {len(test)} images of {groups} groups, of which no two share a picture, a "
        f"look-alike or a named patient (by class: {by_class}{twice}). A score of one class, such as its sensitivity, "
        "rests on the groups of that class alone."
    )
    return Section(
        "Sample size", "sample-size", [Paragraph(counts), TableBlock(widths(groups), CAPTION), Note(READING)]
    )
