"""Validation scores fold by fold, and the paired tests between models."""

from collections.abc import Mapping, Sequence

from medtransfer.comparison.critical_difference import Ranking
from medtransfer.comparison.folds import SINGLE_PART
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.comparison.tests import TESTS
from medtransfer.plotting import png
from medtransfer.report import figures, fold_tables, tables
from medtransfer.report.blocks import Block, Paragraph, Picture, Row, Section, Subsection, TableBlock
from medtransfer.report.comparison_figures import critical_difference
from medtransfer.report.curves import learning_curves_of_models, over_folds
from medtransfer.report.numbers import counted, p_value
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.params import Compare
from medtransfer.store.partitions import DEVELOPMENT
from medtransfer.store.records import Comparison, PairedDifference

ORDER = 200
RULE = " Classes are named by the threshold, which was chosen on these same images."


def section(store: Store, settings: ReportSettings) -> Section:
    """A table and a figure of the folds, learning curves; the tests, where there is more than one model and fold."""
    comparison: Comparison = store.comparison(settings.dataset).read()
    held_out: HeldOutResults = store.held_out_comparison(settings.dataset, HeldOutResults).read()
    accuracy = {name: scores["accuracy"] for name, scores in comparison.fold_scores.items()}
    basis = _basis(store, settings, max(map(len, accuracy.values())))
    evaluations = {name: store.metrics(settings.dataset, name).read() for name in accuracy}
    by_fold = tables.folds(evaluations, settings.params.split.repeats)
    blocks: list[Block] = [
        TableBlock(by_fold, f"Validation accuracy. {basis}"),
        _fold_scores(
            accuracy, _epochs(store, settings), "" if settings.params.evaluate.threshold == "argmax" else RULE
        ),
        Subsection("Learning curves of all models", [Row(_learning_curves(store, settings))]),
    ]
    if len(accuracy) > 1 and all(len(scores) == 1 for scores in accuracy.values()):
        blocks.append(Paragraph(SINGLE_PART))
    if by_test := fold_tables.of_metric(comparison.pairs):
        compare = settings.params.compare.model_copy(update={"baseline": held_out.baseline})
        tests = _tests(by_test, accuracy, compare, settings.params.split.repeats)
        blocks.append(Subsection("Tests between models over folds, accuracy", tests))
    if held_out.ranking is not None:
        blocks.append(Subsection("Ranks of all models over folds", _ranks(held_out.ranking)))
    return Section("Comparison over folds", "comparison", blocks)


def _basis(store: Store, settings: ReportSettings, folds: int) -> str:
    split = store.split(settings.dataset).read()
    rows = split[split["partition"] == DEVELOPMENT]
    basis = f"{len(rows)} development images of {rows['group'].nunique()} groups"
    if folds == 1:
        return f"One part of {basis} validates, and the rest trains."
    repeats = settings.params.split.repeats
    again = f", {repeats} times with other folds" if repeats > 1 else ""
    return (
        f"Each of {folds // repeats} folds of {basis} validates once, and the others train{again}. s.d.: standard "
        "deviation over folds. Below a fold's accuracy: its 95 % interval, of its images by groups; below the mean: by "
        "the corrected t-test. "
        "The folds' models are trained on shared images, so their scores are not independent."
    )


def _fold_scores(accuracy: Mapping[str, Sequence[float]], epochs: str, rule: str) -> Picture:
    by_fold = "; ".join(f"{name}: {', '.join(f'{value:.3f}' for value in each)}" for name, each in accuracy.items())
    return Picture(
        png(figures.fold_scores(accuracy)),
        f"Validation accuracy in every fold. {by_fold}.",
        f"Accuracy on the images that each fold leaves out, {epochs}. Lines join the same fold.{rule}",
    )


def _learning_curves(store: Store, settings: ReportSettings) -> list[Picture]:
    """Validation accuracy and loss by epoch; an ensemble is not trained and has none."""
    histories = {name: store.trained(settings.dataset, name).history.read() for name in settings.trained}
    recipes = [store.settings_of_model(name).model.read().recipe for name in settings.trained]
    alike = all(recipe.training.loss == recipes[0].training.loss for recipe in recipes)
    other = "" if alike else " The recipes minimise different losses, so only the shapes of these curves compare."
    pictures = []
    for quantity, label, remark in (
        ("val_accuracy", "validation accuracy (share)", ""),
        ("val_loss", "validation loss (nats)" if alike else "validation loss", other),
    ):
        ends = {name: over_folds(history, quantity).iloc[-1] for name, history in histories.items()}
        numbers = "; ".join(
            f"{name} {end['mean']:.3f} ({end['min']:.3f} to {end['max']:.3f}) at epoch {end.name}"
            for name, end in ends.items()
        )
        pictures.append(
            Picture(
                png(learning_curves_of_models(histories, quantity, label)),
                f"{label.capitalize()} by epoch; at the end, mean and range over folds: {numbers}.",
                f"Line: mean over folds of the {label.split(' (')[0]}. Shaded: from the smallest to the largest "
                f"fold.{remark}",
            )
        )
    return pictures


def _tests(
    by_test: Mapping[str, Sequence[PairedDifference]],
    accuracy: Mapping[str, Sequence[float]],
    compare: Compare,
    repeats: int,
) -> list[Block]:
    """How large differences are, and a table for each test."""
    rows = next(iter(by_test.values()))
    family = counted(len(rows), "pair")
    pairs = f"each other model with the baseline {compare.baseline} alone" if compare.baseline else "each two models"
    blocks: list[Block] = [
        Paragraph(
            f"These tests compare {pairs} by validation accuracy in {rows[0].folds} folds, {family}. They ask whether "
            "another draw of training images would give the same order, and with few folds they find only large "
            "differences. p by Holm is for the pairs of one test, not for the number of tests."
        ),
        TableBlock(
            fold_tables.sizes(rows, accuracy, repeats),
            "Validation accuracy of the first model less that of the second. Effect size: Cohen's d_z, the mean "
            "difference in standard deviations of the folds' differences; its interval takes folds as independent, "
            "so it is too narrow. Detectable: the true difference that a paired t-test at 0.05 over the number of "
            "pairs would have seen with 80 % power, if differences spread as here. A dash: folds do not spread.",
        ),
    ]
    for key, differences in by_test.items():
        sentences = [TESTS[key].assumes, fold_tables.notes(differences)]
        if any(each.probabilities for each in differences):
            sentences.insert(1, f"Equivalent here: a difference of at most {compare.equivalence:g}.")
        caption = " ".join(filter(None, [f"{_capital(TESTS[key].title)}, over {rows[0].folds} folds.", *sentences]))
        blocks.append(TableBlock(fold_tables.of_test(differences), caption))
    return blocks


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _ranks(ranking: Ranking) -> list[Block]:
    """Friedman's test in a sentence, the diagram, and Nemenyi's p."""
    mean = ", ".join(f"{name} {rank:.2f}" for name, rank in ranking.mean_ranks.items())
    alike = "; ".join(", ".join(group) for group in ranking.alike)
    joined = f"Not told apart: {alike}" if alike else "All models are told apart"
    if ranking.statistic is None:
        friedman = "All models have the same rank in every fold, so Friedman's test has no value."
    else:
        friedman = (
            "Friedman's test asks whether all models rank alike: chi-square "
            f"{ranking.statistic:.2f} with {ranking.degrees_of_freedom} degrees of freedom, p "
            f"{'' if p_value(ranking.p).startswith('<') else '= '}{p_value(ranking.p)}."
        )
    picture = Picture(
        png(critical_difference(ranking)),
        f"Mean ranks of accuracy over {ranking.folds} folds: {mean}. Critical difference "
        f"{ranking.critical_difference:.2f}. {joined}.",
        "Critical-difference diagram: mean ranks over folds, the best on the left. A bar joins models whose mean ranks "
        "are closer than the critical difference, so that Nemenyi's test at 0.05 cannot tell them apart.",
    )
    table = TableBlock(
        fold_tables.nemenyi(ranking),
        f"p is for the family of all pairs, by validation accuracy in {ranking.folds} folds. {ranking.assumes}",
    )
    text = f"In each fold the model of the highest validation accuracy has rank 1. Mean ranks: {mean}. {friedman}"
    return [Paragraph(text), picture, table]


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
