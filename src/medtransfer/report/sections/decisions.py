"""How probabilities become decisions: threshold, operating points, predictive values, decision curve."""

from medtransfer.evaluation.decisions import Decisions, condition
from medtransfer.plotting import png
from medtransfer.report import decisions
from medtransfer.report.blocks import Block, Paragraph, Picture, Section, Subsection, TableBlock
from medtransfer.report.estimates import score_cell
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.resolved import Classes
from medtransfer.store.partitions import DEVELOPMENT, NO_FOLD, TEST

ORDER = 280
RATES = ("sensitivity", "specificity")
WITHOUT = (
    "The data set names neither a positive nor a healthy class, so there is nothing to be found or missed: no "
    "threshold, no operating points and no decision curve."
)
POINTS = (
    "The best of one rate where the other is at least the stated one, of “{condition}” against its absence on {images} "
    "test images of {groups} groups. The threshold is the best one of these same images, so the rates are a little too "
    "good; each resample of groups has its own, so the interval is of the curve and not of a fixed threshold. Near "
    "99 %, with few images that may be wrong, the interval is rough."
)
STATE = (
    "No prevalence is stated. To see PPV and NPV where the condition is rarer, set evaluate.prevalence in params.yaml."
)
CURVE = (
    "Net benefit of {model} on {images} test images of {groups} groups, with its 95 % band: the share of found images "
    "with “{condition}” less the share of false alarms, weighed by t / (1 - t) at the threshold probability t (Vickers "
    "and Elkin 2006). Low t: a missed case is much worse than a needless action. The higher line is worth more. The "
    "band is that of the model, not of its difference from the other lines. It holds for classes as frequent as here."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Of the headline model, with tables of all models; two sentences of a set without a condition."""
    evaluated = {name: store.evaluated(settings.dataset, name) for name in settings.models}
    all_decisions = {name: folder.decisions(Decisions).read() for name, folder in evaluated.items()}
    headline = all_decisions[settings.headline]
    rule = decisions.rule_in_words(headline)
    if headline.condition is None:
        return Section(
            "Decisions", "decisions", [Subsection("Threshold", [Paragraph(f"{rule} {WITHOUT}")], "thresholds")]
        )
    evaluation = store.metrics(settings.dataset, settings.headline).read()
    names = {"condition": headline.condition, "images": evaluation.images, "groups": evaluation.groups}
    curve = _curve(store, settings, CURVE.format(model=settings.headline, **names))
    return Section(
        "Decisions",
        "decisions",
        [
            Paragraph(_condition(store.settings_of_dataset(settings.dataset).classes.read())),
            Subsection("Threshold", _threshold(store, settings, all_decisions), "thresholds"),
            Subsection("Operating points", [TableBlock(decisions.points(all_decisions), POINTS.format(**names))]),
            Subsection("Predictive values", _predictive_values(store, settings, all_decisions)),
            Subsection("Decision curve", [curve], "decision-curves"),
        ],
    )


def _condition(classes: Classes) -> str:
    """What is found or missed."""
    if classes.positive is not None:
        others = ", ".join(name for name in classes.names if name != classes.positive)
        return f"The condition to be found is “{classes.positive}”, against {others}."
    diseases = ", ".join(name for name in classes.names if name != classes.healthy)
    return (
        f"The condition to be found is “disease”, which is {diseases}, against {classes.healthy}. Its probability is 1 "
        f"less that of {classes.healthy}."
    )


def _threshold(store: Store, settings: ReportSettings, all_decisions: dict[str, Decisions]) -> list[Block]:
    headline, split = all_decisions[settings.headline], store.split(settings.dataset).read()
    rows = split[(split["partition"] == DEVELOPMENT) & (split["fold"] != NO_FOLD)]  # those that a fold leaves out
    out_of_fold = f"{len(rows)} development images of {rows['group'].nunique()} groups"
    curve = store.evaluated(settings.dataset, settings.headline).thresholds.read()
    marked = headline.rule.threshold
    classes = store.settings_of_dataset(settings.dataset).classes.read()
    blocks: list[Block] = [Paragraph(decisions.rule_in_words(headline))]
    if marked is None and len(classes.names) == 2:
        marked = 0.5
        what = "of two classes, the larger probability is the one above 0.5"
    elif marked is None:
        what = "no threshold is marked, because the largest of several probabilities decides"
    else:
        what = f"the chosen threshold, {marked:.3f}, is dotted"
        caption = (
            f"What each model's threshold gives on the {out_of_fold}, each scored by the network that left it out, and "
            "on the test set, with 95 % intervals."
        )
        evaluations = [store.metrics(settings.dataset, name).read() for name in all_decisions]
        on_test = [evaluation.disease or evaluation.test for evaluation in evaluations]
        rates = {f"{key} on the test set": [score_cell(each, key) for each in on_test] for key in RATES}
        blocks.append(TableBlock(decisions.thresholds(all_decisions).assign(**rates), caption))
    caption = (
        f"Sensitivity and specificity of {settings.headline} for “{headline.condition}” against the threshold on its "
        f"probability after scaling, on the {out_of_fold}; {what}. Each image is scored by the network "
        "that left it out."
    )
    picture = Picture(png(decisions.threshold_figure(curve, marked)), caption, caption)
    return [*blocks, picture]


def _predictive_values(store: Store, settings: ReportSettings, all_decisions: dict[str, Decisions]) -> list[Block]:
    headline = all_decisions[settings.headline]
    classes = store.settings_of_dataset(settings.dataset).classes.read()
    split, of = store.split(settings.dataset).read(), condition(classes)
    test = split[split["partition"] == TEST]
    share = of.of(classes.codes(test["label"])).mean() if of else float("nan")
    here = f"The condition is present in {share:.0%} of the test images. The PPV and NPV in Models hold for that share."
    if headline.prevalence is None:
        return [Paragraph(f"{here} {STATE}")]
    caption = (
        f"PPV and NPV where a share of {headline.prevalence:g} has “{headline.condition}”, by Bayes' rule from the "
        "sensitivity and specificity of the rule on the test set, with 95 % intervals. A dash: no "
        "image is called so. They hold if sensitivity and specificity stay the same at that prevalence."
    )
    return [Paragraph(here), TableBlock(decisions.predictive_values(all_decisions), caption)]


def _curve(store: Store, settings: ReportSettings, caption: str) -> Picture:
    curve = store.evaluated(settings.dataset, settings.headline).decision_curve.read()
    text = decisions.worth_in_words(curve)
    return Picture(
        png(decisions.decision_figure(curve)), f"Decision curve of {settings.headline}. {text}", f"{text} {caption}"
    )
