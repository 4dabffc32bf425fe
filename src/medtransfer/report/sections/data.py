"""The data card: how many images of what kind, what was rejected, what repeats, and some to look at."""

from medtransfer.plotting import png
from medtransfer.report import card
from medtransfer.report.blocks import Block, Facts, Notice, Picture, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 500
COUNTS = (
    "Pictures: images that are copies of one another, in any orientation, count once. A group is a picture together "
    "with those that look nearly like it, or all images of a patient. With the split strategy “grouped”, every group "
    "stays whole: in the test set, or in one fold of the development set."
)
NO_PATIENTS = (
    "Not every image names its patient: slices of one patient that look different may lie in both test and "
    "development. Scores are likely to be higher than on new patients."
)
PROVENANCE = (
    "What the source or a paper states, as it stands in catalog/datasets.yaml; the licence, as noted at the download. "
    "“Not stated”: the source does not say it, or the catalogue does not have it yet."
)
MEMBERS = (
    "The members of this union, and the label that each of their labels is here. Pictures in others: another member "
    "has a copy of them, in some orientation. Copies are in one group, whatever member they come from."
)
SOURCES = {
    "union": "a union of {members}",
    "kaggle": "Kaggle, {slug}",
    "local": "{path}, on this machine",
    "phantom": "made by code",
    "shapes": "made by code",
}


def section(store: Store, settings: ReportSettings) -> Section:
    """Counts, warnings, facts, sample images, and the files that are not in the set."""
    parts, prepared = store.settings_of_dataset(settings.dataset), store.prepared(settings.dataset)
    entry, audit = parts.card.read(), store.leakage(settings.dataset).read()
    index, images = prepared.index.read(), prepared.images.read()
    blocks: list[Block] = [TableBlock(card.class_counts(store.split(settings.dataset).read()), COUNTS)]
    if "member" in index:
        blocks.append(TableBlock(card.members(index, store.split(settings.dataset).read()), MEMBERS))
    if warning := card.copies_warning(audit):
        blocks += [Notice(warning), _copies(store, settings)]
    if (index["patient"] == "").any():
        blocks.append(Notice(NO_PATIENTS))
    classes = parts.classes.read().names
    facts = _origin(store, settings, images.shape) | card.facts(index, entry.expected, audit)
    sample = Picture(
        png(card.contact_sheet(images, index["label"].to_numpy(), classes)),
        f"Images of {entry.title}, a row for each of {', '.join(classes)}.",
        "Prepared images of every class, at even steps through the set.",
    )
    blocks += [Facts(facts), sample]
    rejects = card.rejects(prepared.rejected.read())
    if len(rejects):
        caption = "Files of the archive that could not be used, by reason, with the first file of each."
        blocks.append(Subsection("Files that are not in the set", [TableBlock(rejects, caption)]))
    stated = card.provenance(entry.provenance, store.origin(settings.dataset).read().licence)
    blocks.append(Subsection("Where the images come from", [TableBlock(stated, PROVENANCE)], anchor="provenance"))
    return Section("Data", "data", blocks)


def _copies(store: Store, settings: ReportSettings) -> Picture:
    return Picture(
        store.leakage_figures(settings.dataset)["copies"].read(),
        "One picture of the set and its copies, in the orientations in which they lie.",
        "One picture and its copies, as they lie in the set.",
    )


def _origin(store: Store, settings: ReportSettings, shape: tuple[int, ...]) -> dict[str, str]:
    """Where the images come from, and how they are split; `shape` is N x H x W x C."""
    origin, split = store.origin(settings.dataset).read(), settings.params.split
    rest = f"{split.folds} folds" if split.folds > 1 else f"{split.validation_fraction:.0%} to validate on"
    held_out = "the set's own test part" if split.strategy == "shipped" else f"{split.test_fraction:.0%}"
    source = origin.source | ({"members": ", ".join(origin.source["members"])} if "members" in origin.source else {})
    return {
        "source": SOURCES[source["kind"]].format(**source),
        "archive": f"{origin.bytes / 1e6:.1f} MB, SHA-256 {origin.sha256}",
        "prepared": f"{shape[1]} × {shape[2]} pixels, {'grey' if shape[3] == 1 else 'colour'}",
        "split": f"{split.strategy}: {held_out} held out, {rest}, seed {settings.params.seed}",
    }
