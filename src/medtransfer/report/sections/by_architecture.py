"""Pretrained against random weights, and fine-tuned against frozen, in each architecture and on average."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from medtransfer.comparison.by_architecture import ByArchitecture
from medtransfer.comparison.contrasts import CONTRASTS
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report.blocks import Block, Items, Note, Paragraph, Section, Subsection, TableBlock
from medtransfer.report.held_out_tables import pair as heading
from medtransfer.report.numbers import UNDEFINED, counted, p_value, points
from medtransfer.report.printed_differences import PrintedDifference, printed_difference
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.load_reported import load_reported

ORDER = 195
TITLE, ANCHOR = "Pairs of one architecture", "by-architecture"
READING = (
    "Each row compares two models that were trained once. Intervals and p speak of other images like these held-out "
    "ones. They do not speak of another training, nor of other architectures."
)
ALSO = "These pairs differ in other keys of their recipes too, so their differences have more than one cause:"
Printed = Sequence[PrintedDifference | None]


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A part for each contrast; None where no two recipes of an architecture differ in one."""
    results: HeldOutResults = store.held_out_comparison(settings.dataset, HeldOutResults).read()
    if not results.by_architecture:
        return None
    papers = [paper for paper in load_reported().values() if settings.dataset in paper.datasets]
    basis = f"{results.images} images of {results.groups} groups"
    parts: list[Block] = []
    for comparison in results.by_architecture:
        printed = [
            printed_difference(papers, settings.dataset, each.models.a, each.models.b) for each in comparison.pairs
        ]
        parts.append(Subsection(CONTRASTS[comparison.contrast].title, _contrast(comparison, printed, basis)))
    return Section(TITLE, ANCHOR, [*parts, Note(READING)])


def _contrast(comparison: ByArchitecture, printed: Printed, basis: str) -> list[Block]:
    contrast, number = CONTRASTS[comparison.contrast], len(comparison.pairs)
    methods = "; or ".join(dict.fromkeys(each.accuracy.method for each in comparison.pairs))
    caption = (
        f"Accuracy of the model that is {contrast.first} less that of the one that is {contrast.second}, on {basis}: "
        f"{methods}. p by Holm is for {counted(number, 'pair')}."
    )
    if comparison.mean is not None:
        caption += (
            " Mean: over the pairs, its interval by drawing groups of images for all pairs at once, its p by swapping "
            "the two sides of all pairs in a group."
        )
    if any(printed):
        where = "; ".join(dict.fromkeys(each.source for each in printed if each))
        caption += f" Paper: the difference that it prints ({where})."
    blocks: list[Block] = [Paragraph(_sentence(comparison)), TableBlock(_table(comparison, printed), caption)]
    if also := [
        f"{each.models.a}, {each.models.b}: {'; '.join(each.models.also)}."
        for each in comparison.pairs
        if each.models.also
    ]:
        blocks += [Paragraph(ALSO), Items(also)]
    return blocks


def _sentence(comparison: ByArchitecture) -> str:
    contrast, mean = CONTRASTS[comparison.contrast], comparison.mean
    higher = sum(each.accuracy.difference.value > 0 for each in comparison.pairs)
    if mean is None:
        (only,) = comparison.pairs
        return (
            f"One pair: {only.models.a} is {contrast.first}, {only.models.b} is {contrast.second}. The difference is "
            f"{points(only.accuracy.difference.value)} points, p {p_value(only.accuracy.p)}."
        )
    return (
        f"In {higher} of {len(comparison.pairs)} pairs the model that is {contrast.first} is more accurate than the "
        f"one that is {contrast.second}; on average by {points(mean.value)} points "
        f"(95 % interval {_ends(mean.interval)}), p {p_value(mean.p)}."
    )


def _table(comparison: ByArchitecture, printed: Printed) -> pd.DataFrame:
    rows = [
        {
            "architecture": each.models.architecture,
            "models": heading(each.models.a, each.models.b),
            "first": f"{each.right[0]:.3f}",
            "second": f"{each.right[1]:.3f}",
            "difference (points)": points(each.accuracy.difference.value),
            "95 % interval": _ends((each.accuracy.difference.low, each.accuracy.difference.high)),
            "p": p_value(each.accuracy.p),
            "p by Holm": p_value(each.holm_p),
            "paper (points)": str(paper or UNDEFINED),
        }
        for each, paper in zip(comparison.pairs, printed, strict=True)
    ]
    if (mean := comparison.mean) is not None:
        given = [paper for paper in printed if paper and paper.low == paper.high]
        rows.append(
            {
                "architecture": "mean",
                "models": counted(len(comparison.pairs), "pair"),
                "first": f"{np.mean([each.right[0] for each in comparison.pairs]):.3f}",
                "second": f"{np.mean([each.right[1] for each in comparison.pairs]):.3f}",
                "difference (points)": points(mean.value),
                "95 % interval": _ends(mean.interval),
                "p": p_value(mean.p),
                "p by Holm": UNDEFINED,
                "paper (points)": _of_papers([paper.low for paper in given], len(comparison.pairs)),
            }
        )
    table = pd.DataFrame(rows)
    return table if any(printed) else table.drop(columns="paper (points)")


def _of_papers(values: Sequence[float], pairs: int) -> str:
    """Their mean, and of how many pairs it is where it is not of all."""
    if not values:
        return UNDEFINED
    return points(float(np.mean(values))) + ("" if len(values) == pairs else f" ({len(values)} of {pairs})")


def _ends(interval: tuple[float, float] | None) -> str:
    return UNDEFINED if interval is None else f"{points(interval[0])} to {points(interval[1])}"
