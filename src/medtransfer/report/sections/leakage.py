"""How many test images have a copy in development, under each strategy of splitting."""

from medtransfer.report import leakage
from medtransfer.report.blocks import Block, Picture, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 600
CAPTION = (
    "Test images that show the same as a development image, under each strategy of splitting. An image counts for one "
    "kind of copy: the first that holds. Identical: the same grey pixels. Near-duplicate: a copy in the same "
    "orientation. Mirrored or turned: it has copies in other orientations only. Same patient: another slice of its "
    "patient is in development, with or without a copy. Test pictures: test images, with copies of one picture counted "
    "once. Exact groups: sets of images with the same pixels that lie on both sides. How copies are found: "
    "docs/near-duplicates.md. Which strategy is in use: see Data."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """The audit as a table and bars, the worst pairs, and the groups that the split keeps whole."""
    figures = store.leakage_figures(settings.dataset)
    audit = leakage.audit_table(store.leakage(settings.dataset).read()).drop(columns="data set")
    shares = "; ".join(
        f"{strategy}: {share} of the test images have a copy"
        for strategy, share in zip(audit["strategy"], audit["with a copy"], strict=True)
    )
    bars = Picture(
        figures["audit"].read(),
        f"Bars of the leakage by strategy. {shares}.",
        "Share of the test images that have a copy, or another slice of their patient, in development.",
    )
    gallery = Picture(
        figures["gallery"].read(),
        "Pairs of a test image and the development image most like it, a row for each strategy.",
        "Test images (left) and their closest development images (right, turned as they match): the worst pairs of "
        "each strategy, with the change between the two and the names of the files. An exclamation mark: the two have "
        "different labels.",
    )
    groups = Picture(
        figures["groups"].read(),
        "Images of the largest groups of the set, with their labels.",
        "The largest groups. The strategy “grouped” keeps each of them whole.",
    )
    closest = Picture(
        figures["closest"].read(),
        "The most alike pairs of images in two groups.",
        "The most alike pairs that are in two groups: they may lie on either side of the split.",
    )
    blocks: list[Block] = [TableBlock(audit, CAPTION), bars, gallery, Subsection("Groups", [groups, closest])]
    return Section("Leakage audit", "leakage", blocks)
