"""One page on all data sets of a paper, from what their studies have left here. Not a DVC stage: `make study`."""

from collections.abc import Mapping

from medtransfer import store
from medtransfer.plotting import png
from medtransfer.report import paper_tables, scores
from medtransfer.report.blocks import Block, Details, Items, Note, Notice, Paragraph, Picture, Section, TableBlock
from medtransfer.report.datasets_of_paper import OfDataset, described, dots, printed_scores, together
from medtransfer.report.history import kept_epochs
from medtransfer.report.page import NOT_A_DEVICE, Page, render
from medtransfer.report.papers import Measured
from medtransfer.report.sections.papers import CAPTION, numbers, remarks, works
from medtransfer.settings.command import run
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.reported import Reported
from medtransfer.settings.study import families, study_names

TOGETHER = (
    "Accuracy on the held-out test images of each data set. Ours with its 95 % interval; the paper’s below it, more "
    "than one where the paper prints several. A dash: the paper prints none, or the data set's study does not have the "
    "model."
)
DRAWN = "Test accuracy as the paper prints it (diamonds) and ours with its 95 % interval (dots), by data set."
LIMITS = "Each number is of one data set and one split; none shows that a model is safe or useful for a patient."
SCORES = "Every score on the {images} test images of {groups} groups, with its 95 % interval; split: {strategy}."


def main(_params: Params, study: str) -> None:
    """Write the page of the paper that this study, or name of a paper, belongs to; nothing for any other study."""
    papers = load_reported()
    for paper, studies in families(study_names(), papers).items():
        if study in (paper, *studies.values()):
            datasets = {dataset: _of_dataset(papers[paper], dataset, name) for dataset, name in studies.items()}
            page = store.page_of_paper(paper)
            page.write(render(paper_page(papers[paper], datasets)))
            print(f"{page.path}: {in_words(datasets)}")


def _of_dataset(paper: Reported, dataset: str, study: str) -> OfDataset:
    """What the pipeline has left of the paper's models on a data set."""
    name, kept = paper.same_images.get(dataset, dataset), {}
    models = dict.fromkeys(result.model for result in paper.results if result.dataset == name)
    run_here = [model for model in models if store.metrics(dataset, model).path.exists()]
    for model in run_here:
        if (trained := store.trained(dataset, model)).training.path.exists():
            rows = kept_epochs(trained)
            kept[model] = {key: rows[key].tolist() for key in ("accuracy", "loss", "val_loss")}
    evaluations = {model: store.metrics(dataset, model).read() for model in run_here}
    split = store.split(dataset)
    images = paper_tables.our_images(split.read()) if evaluations and split.path.exists() else None
    return OfDataset(study, Measured(evaluations, kept), images)


def in_words(datasets: Mapping[str, OfDataset]) -> str:
    """Which data sets have been run and which have not."""
    there = [dataset for dataset, each in datasets.items() if each.measured.evaluations]
    missing = [dataset for dataset in datasets if dataset not in there]
    has = (
        f"data sets of the paper that have been run here: {', '.join(there)}"
        if there
        else "no data set of the paper has been run here"
    )
    return f"{has}; not run: {', '.join(missing)}" if there and missing else has


def paper_page(paper: Reported, datasets: Mapping[str, OfDataset]) -> Page:
    """Accuracy on all data sets together, then each data set's numbers beside the paper's."""
    sentence = in_words(datasets)
    lead: list[Block] = [Paragraph(f"{sentence[0].upper()}{sentence[1:]}."), Notice(f"{NOT_A_DEVICE} {LIMITS}")]
    missing = [each.study for each in datasets.values() if not each.measured.evaluations]
    if missing:
        lead.insert(1, Items([f"make study STUDY={study} runs what is missing." for study in missing]))
    printed = {dataset: printed_scores(paper, dataset) for dataset in datasets}
    table = TableBlock(together(printed, datasets), TOGETHER)
    drawn = Picture(png(dots(printed, datasets)), f"{DRAWN} {described(printed, datasets)}.", DRAWN)
    sections = [Section("All data sets", "together", [table, drawn, Details("How numbers compare", [Note(CAPTION)])])]
    sections += [_section(paper, dataset, each) for dataset, each in datasets.items()]
    about = [*remarks(paper), *works(paper)]
    sections += [Section("The paper", "paper", about)] if about else []
    return Page(f"{paper.title} ({paper.year})", lead, sections)


def _section(paper: Reported, dataset: str, ours: OfDataset) -> Section:
    blocks: list[Block] = []
    if evaluations := ours.measured.evaluations:
        first = next(iter(evaluations.values()))
        caption = SCORES.format(images=first.images, groups=first.groups, strategy=first.strategy)
        blocks.append(TableBlock(scores.architectures(evaluations), caption))
        blocks.append(Note(f"make study STUDY={ours.study} brings its whole report back."))
    else:
        blocks.append(Paragraph(f"This data set has not been run here: make study STUDY={ours.study}"))
    blocks += numbers(paper, ours.measured, ours.images, dataset)
    return Section(dataset, f"data-{dataset}", blocks)


if __name__ == "__main__":
    run(main)
