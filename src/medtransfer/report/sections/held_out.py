"""Each two models on the same held-out images: in sentences, as figures, and by every test."""

from collections.abc import Sequence

from medtransfer.comparison.held_out import HeldOutComparison
from medtransfer.comparison.significance import told_apart
from medtransfer.comparison.summary import ENOUGH_GROUPS, HeldOutResults
from medtransfer.plotting import png
from medtransfer.report import held_out_tables
from medtransfer.report.blocks import Block, Items, Note, Paragraph, Picture, Row, Section, Subsection, TableBlock
from medtransfer.report.comparison_figures import Estimate, forest
from medtransfer.report.numbers import counted, p_value, signed
from medtransfer.report.roc_pictures import roc_pictures
from medtransfer.report.settings import ReportSettings, Store

ORDER = 190
TITLE, ANCHOR = "Comparison on the held-out images", "held-out"
AREA = "roc_auc"
READING = (
    "Two models are told apart where the interval by groups leaves 0 out and p by Holm is below 0.05. Models that are "
    "not told apart may still differ: a difference below the detectable one is mostly not seen."
)
FOLDS = "The folds' mean probability is compared here, not each fold's network, which the table above scores."
NOT_INDEPENDENT = " p and interval take images as independent, which these are not: read the tables by groups."
ROC_NOTE = (
    "Area under the curve in brackets, 0.5 by chance. Shaded: the pointwise 95 % band of the headline model, {}, by "
    "resampling groups. A curve inside the band does not show that two models are alike, nor one outside that they "
    "differ: their curves are of the same images, and the tests above pair them."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Sentences, forest plots, a table for each test, what these assume, and ROC curves."""
    results: HeldOutResults = store.held_out_comparison(settings.dataset, HeldOutResults).read()
    if results.tests is None:
        alone = "The study has one model, so there is nothing to compare; name another in study.models."
        return Section(TITLE, ANCHOR, [Paragraph(alone)])
    basis = f"{results.images} images of {results.groups} groups"
    pictures = roc_pictures(store, settings)
    of_mean = [Note(FOLDS)] if settings.params.evaluate.tested == "folds" else []
    blocks: list[Block] = [
        *of_mean,
        Paragraph(_pairs(results.tests, results.baseline, len(settings.models), basis)),
        Items(results.sentences),
        Paragraph(_cochran(results.tests, len(settings.models))),
        Note(READING),
        Row(_forests(results, results.tests)),
        *_tables(results, results.tests, basis, _averaging(store, settings)),
        Subsection("What each test assumes", [Items(_assumptions(results, results.tests))]),
        Subsection("ROC curves of all models", [Row(pictures), Note(ROC_NOTE.format(settings.headline))]),
    ]
    return Section(TITLE, ANCHOR, blocks)


def _pairs(tests: HeldOutComparison, baseline: str | None, models: int, basis: str) -> str:
    family = counted(len(tests.pairs), "pair")
    which = (
        f"Each two of {models} models are compared, {family}"
        if baseline is None
        else f"Each other model is compared with the baseline {baseline} alone, {family}"
    )
    return (
        f"The held-out test set is the same for all models: {basis}, which no training and no choice of an epoch has "
        f"read. {which}, image by image."
    )


def _cochran(tests: HeldOutComparison, models: int) -> str:
    cochran = tests.cochran
    who = "both models" if models == 2 else f"all {models} models"
    if cochran.statistic is None:
        return f"{who.capitalize()} are right on the same images, so Cochran's Q has no value."
    freedom = counted(cochran.degrees_of_freedom, "degree") + " of freedom"
    return (
        f"Cochran's Q asks whether {who} are right equally often: Q = {cochran.statistic:.1f} with "
        f"{freedom}, p {_equals(cochran.p)}. It does not say which models differ."
    )


def _equals(p: float | None) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _forests(results: HeldOutResults, tests: HeldOutComparison) -> list[Picture]:
    """Of accuracy, and of AUC where it is among the metrics that are compared."""
    accuracy = []
    for pair in tests.pairs:
        interval = pair.accuracy.difference
        ends = (100 * interval.low, 100 * interval.high)
        apart = told_apart(*ends, pair.accuracy_holm_p)
        accuracy.append(Estimate(pair.a, pair.b, 100 * interval.value, ends, apart))
    areas = []
    for each in (difference for difference in results.differences if difference.metric == AREA):
        apart = each.interval is not None and told_apart(*each.interval, each.holm_p)
        areas.append(Estimate(each.a, each.b, each.difference, each.interval, apart))
    drawn = [_forest(accuracy, "accuracy", "difference in accuracy (points)", 1)]
    return drawn + ([_forest(areas, "AUC", "difference in AUC", 3)] if areas else [])


def _forest(estimates: Sequence[Estimate], of: str, label: str, digits: int) -> Picture:
    numbers = "; ".join(
        f"{each.a} − {each.b}: {signed(each.value, digits)}"
        + (f" ({signed(each.interval[0], digits)} to {signed(each.interval[1], digits)})" if each.interval else "")
        for each in estimates
    )
    return Picture(
        png(forest(estimates, label)),
        f"Differences in {of} with 95 % intervals. {numbers}.",
        f"Differences in {of} with 95 % intervals by groups; at 0 there is none. Filled: told apart, with p by Holm.",
    )


def _tables(results: HeldOutResults, tests: HeldOutComparison, basis: str, averaging: str) -> list[TableBlock]:
    pairs, family = tests.pairs, counted(len(tests.pairs), "pair")
    methods = "; or ".join(dict.fromkeys(pair.accuracy.method for pair in pairs))
    alike = NOT_INDEPENDENT if results.groups < results.images else ""
    others = [each for each in results.differences if each.metric != "accuracy"]
    tables = [
        TableBlock(
            held_out_tables.accuracy(pairs),
            f"Accuracy of the first model less that of the second, in percentage points, on {basis}: {methods}. p by "
            f"Holm is for the family of {family}. Detectable: the true difference that would have been seen in 80 of "
            "100 such test sets; a dash: none could be seen. An interval that holds 0 does not show that models are "
            "equal.",
        ),
        TableBlock(
            held_out_tables.discordant(pairs),
            f"McNemar's test: how many of {basis} the first model alone gets right, and the second alone. p by Holm is "
            f"of the mid-p. The odds ratio is the first count over the second; 1 means no difference.{alike}",
        ),
        TableBlock(
            held_out_tables.areas(pairs),
            f"DeLong's test of the area under the ROC curve, {averaging}, on {basis}.{alike}",
        ),
    ]
    if others:
        caption = (
            f"Every metric of the first model less that of the second, on {basis}, with the interval of a bootstrap "
            f"that resamples groups. *: p by Holm for {family} is below 0.05. It is not corrected for the number of "
            "metrics."
        )
        tables.append(TableBlock(held_out_tables.metrics(others), caption))
    return tables


def _averaging(store: Store, settings: ReportSettings) -> str:
    averaging = store.metrics(settings.dataset, settings.headline).read().averaging
    return averaging if averaging == "mean over classes" else f"{averaging} against the rest"


def _assumptions(results: HeldOutResults, tests: HeldOutComparison) -> list[str]:
    pair = tests.pairs[0]
    images = pair.mcnemar.assumes.replace("It assumes", "each assumes", 1)
    level = f"{0.05 / len(tests.pairs):.2g}"
    return [
        "Interval and p of the accuracy's difference: groups are independent of each other, images of one group need "
        f"not be. With few groups both are rough; here there are {results.groups}.",
        f"McNemar's test and the odds ratio, DeLong's test and Cochran's Q: {images}",
        "Bootstrap of the other metrics: groups are independent of each other. Its p cannot be below 1 in 1,000. "
        f"With few groups it is too small; with fewer than {ENOUGH_GROUPS} there is none.",
        f"Detectable difference: of a test at {level}, Holm's first step, if models disagree on as many images as here "
        "(Connor 1987) and groups widen the error as they do here. Both are estimates.",
        "Holm's correction holds whatever the tests' dependence. It is made within each test, not over all tests.",
    ]
