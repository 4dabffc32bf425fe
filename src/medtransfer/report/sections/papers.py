"""What the papers print of this data set, beside what is measured here."""

from typing import Any

from medtransfer.report import paper_tables, papers
from medtransfer.report.blocks import Block, Details, Facts, Items, Note, Paragraph, Section, Subsection, TableBlock
from medtransfer.report.fidelity import differences
from medtransfer.report.history import kept_epochs
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.fidelity import Audit, load_fidelity
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.reported import Reported

ORDER = 400
DIFFERENCES = (
    "Where this project does not do what the paper does, or where the paper does not say what it does, for all of its "
    "studies (catalog/fidelity.yaml). Parameters that were changed for this run are not in this table."
)
CAPTION = (
    "The paper's numbers as printed (catalog/reported.yaml), rounded to three digits; ours as measured here; and ours "
    "less the paper's. The images of each part are not the same, and the split may differ (see the leakage audit). "
    "Training scores are of the epoch whose weights were kept, with dropout and augmentation on. Losses of training "
    "and validation include a recipe's penalties and class weights, as training does; our losses on the test set do "
    "not. Confusion: a row per actual class. Not run: the model is not in this study. Not measured: the model was run, "
    "but this number is not measured here."
)
IMAGES = (
    "Images in each part, as the paper counts them and here. Of cross-validation, training and validation are those of "
    "one fold."
)
TITLE, ANCHOR = "Paper against ours", "papers"
SMALL = (
    "This is the small study of the paper: other networks, fewer epochs and smaller images than the paper has. "
    "studies/small-{0}.yaml says in what each model differs, docs/papers.md compares both splits, and the study {0} "
    "has the paper's own models."
)
STAND_INS = "Test accuracy: as the paper prints it, of its own models and images, and ours with its 95 % interval."
LITERATURE = (
    "As the paper quotes them, of other images and other splits: they compare with nothing on this page, nor with each "
    "other."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A table for each paper; None where no paper reports on this data set, and this is no paper's small study."""
    papers = load_reported()
    small = {name: paper for name, paper in papers.items() if paper.stand_ins.keys() & set(settings.models)}
    reported = {name: paper for name, paper in papers.items() if settings.dataset in paper.datasets}
    if small:
        parts = [_small(store, settings, name, paper) for name, paper in small.items()]
        return Section(TITLE, ANCHOR, parts)
    if not reported:
        return None
    measured, ours = _measured(store, settings), paper_tables.our_images(store.split(settings.dataset).read())
    audits = load_fidelity()
    parts = []
    for name, paper in reported.items():
        audit = audits.get(name) if any(result.model in measured.evaluations for result in paper.results) else None
        parts.append(_paper(paper, audit, numbers(paper, measured, ours, settings.dataset), settings.dataset))
    return Section(TITLE, ANCHOR, [*parts, Note(CAPTION)])


def _small(store: Store, settings: ReportSettings, name: str, paper: Reported) -> Subsection:
    """Of a small study: which models stand in for the paper's."""
    models = [model for model in paper.stand_ins if model in settings.models]
    table = paper_tables.stand_ins(paper, {model: store.metrics(settings.dataset, model).read() for model in models})
    return Subsection(_title(paper), [Paragraph(SMALL.format(name)), TableBlock(table, STAND_INS)])


def _measured(store: Store, settings: ReportSettings) -> papers.Measured:
    kept: dict[str, dict[str, Any]] = {}
    for name in settings.trained:
        rows = kept_epochs(store.trained(settings.dataset, name))
        kept[name] = {key: rows[key].tolist() for key in ("accuracy", "loss", "val_loss")}
    metrics = {name: store.metrics(settings.dataset, name).read() for name in settings.models}
    return papers.Measured(metrics, kept, store.comparison(settings.dataset).read().pairs)


def _paper(paper: Reported, audit: Audit | None, compared: list[Block], dataset: str) -> Subsection:
    details = [TableBlock(differences(audit), DIFFERENCES)] if audit else []
    names = Facts(paper_tables.names_of_models(paper, dataset))
    folded: list[Block] = [Details("What the paper calls the models", [names]), *works(paper)]
    return Subsection(_title(paper), [*compared, *remarks(paper), *details, *folded])


def _title(paper: Reported) -> str:
    return f"{paper.title} ({paper.year})"


def numbers(paper: Reported, measured: papers.Measured, ours: dict[str, str] | None, dataset: str) -> list[Block]:
    """The paper's numbers on a data set beside ours, their notes, and images in each part (`our_images`, or None)."""
    notes = enumerate(papers.notes(paper, dataset), start=1)
    blocks: list[Block] = [TableBlock(papers.paper_against_ours(paper, measured, dataset))]
    blocks += [Note(f"[{number}] {note}") for number, note in notes]
    if len(images := paper_tables.images_against_ours(paper, ours, dataset)):
        comments = [entry.note for entry in paper_tables.printed_images(paper, dataset) if entry.note]
        blocks.append(TableBlock(images, " ".join([IMAGES, *(f"The paper: {note}." for note in comments)])))
    return blocks


def remarks(paper: Reported) -> list[Block]:
    """Where the paper contradicts itself."""
    return (
        [Paragraph("What is inconsistent in the paper, or left open:"), Items(paper.remarks)] if paper.remarks else []
    )


def works(paper: Reported) -> list[Block]:
    """Folded away: what the paper quotes of other works."""
    if not len(table := paper_tables.literature(paper)):
        return []
    return [Details("Scores of other works that the paper quotes", [TableBlock(table, LITERATURE)])]
