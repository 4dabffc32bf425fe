"""Validation scores fold by fold, and the paired tests between models."""

from medtransfer.comparison.tests import TESTS
from medtransfer.plotting import png
from medtransfer.report import figures, tables
from medtransfer.report.blocks import Block, Items, Picture, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store

ORDER = 200
CAPTION = "Two-sided p, not corrected for the number of pairs. A dash: the test has no value here."


def section(store: Store, settings: ReportSettings) -> Section:
    """A table and a figure of the folds; the tests, where there is more than one model and fold."""
    comparison = store.comparison(settings.dataset).read()
    accuracy = {name: scores["accuracy"] for name, scores in comparison.fold_scores.items()}
    by_fold = "; ".join(f"{name}: {', '.join(f'{value:.3f}' for value in each)}" for name, each in accuracy.items())
    picture = Picture(
        png(figures.fold_scores(accuracy)),
        f"Validation accuracy in every fold. {by_fold}.",
        f"Accuracy on the images that each fold leaves out, {_epochs(store, settings)}. Lines join the same fold.",
    )
    blocks: list[Block] = [TableBlock(tables.folds(comparison.fold_scores)), picture]
    pairs = tables.pairs(comparison.pairs)
    if len(pairs):
        assumptions = [f"{test.title}: {test.assumes}" for test in TESTS.values()]
        blocks.append(Subsection("Tests between models, accuracy", [TableBlock(pairs, CAPTION), Items(assumptions)]))
    return Section("Comparison over folds", "comparison", blocks)


def _epochs(store: Store, settings: ReportSettings) -> str:
    """Of which epoch the weights are."""
    selecting = [
        name
        for name in settings.trained
        if store.settings_of_model(name).model.read().recipe.training.selection != "last"
    ]
    if not selecting:
        return "after the last epoch"
    return (
        f"after the last epoch, except for {', '.join(selecting)}: there the epoch is chosen by these same images, so "
        "the accuracy is too high"
    )
