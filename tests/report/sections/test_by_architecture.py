"""The section on pairs of one architecture."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medtransfer import store
from medtransfer.comparison.by_architecture import ByArchitecture, compare_by_architecture
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report.blocks import Block, Items, Paragraph, Section, Subsection, TableBlock
from medtransfer.report.sections.by_architecture import section
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import ModelSettings
from stages import compare
from tests.conftest import tiny_recipe
from tests.report.comparison_results import results
from tests.report.finished_study import DATASET, PAPER, report_settings

GROUPS = np.repeat(np.arange(20), 2)
RIGHT = {
    "pre": np.arange(40) % 10 > 0, "raw": np.arange(40) % 5 > 1, "deep pre": np.arange(40) % 4 > 0,
    "deep raw": np.arange(40) % 4 > 1,
}  # fmt: skip
PRINTED = (
    "  - {model: pre, printed_as: A, dataset: d, source: Table 3, metrics: {accuracy: 0.97}}\n"
    "  - {model: pre, printed_as: A, dataset: d, source: Table 4, part: validation, metrics: {accuracy: 0.6}}\n"
    "  - {model: raw, printed_as: A, dataset: d, source: Table 2, metrics: {accuracy: 0.72}}\n"
    "  - {model: raw, printed_as: A, dataset: d, source: Table 2, label: ill, metrics: {accuracy: 0.1}}\n"
)
STATED = (
    "  differences: [{a: deep pre, b: deep raw, dataset: d, metric: accuracy, source: Text, part: validation, "
    "low: 0.03, high: 0.05, note: in points}]\n"
)


def compared(*names: str, **changes: object) -> ByArchitecture:
    recipes: dict[str, Recipe] = {
        name: tiny_recipe("resnet50" if "deep" in name else "vgg16", weights="imagenet" if "pre" in name else None)
        for name in names
    }
    if changes:
        pre = recipes[names[0]]
        recipes[names[0]] = pre.model_copy(update={"training": pre.training.model_copy(update=changes)})
    (one,) = compare_by_architecture(recipes, RIGHT, GROUPS)
    return one


@pytest.fixture(autouse=True)
def study_to_report_on(settings: ReportSettings) -> None:
    """A finished study in the working folder."""


def of(contrast: ByArchitecture) -> Section:
    written = replace(results(["cnn", "unet", "both"]), by_architecture=[contrast])
    store.held_out_comparison(DATASET, HeldOutResults).write(written)
    shown = section(store, report_settings())
    assert shown is not None
    return shown


def parts(shown: Section) -> tuple[str, TableBlock, list[Block]]:
    part = shown.blocks[0]
    assert isinstance(part, Subsection)
    assert part.title == "Pretrained against random weights"
    sentence, table, *rest = part.blocks
    assert isinstance(sentence, Paragraph)
    assert isinstance(table, TableBlock)
    return sentence.text, table, list(rest)


def test_nothing_is_shown_where_no_two_recipes_are_a_pair() -> None:
    store.held_out_comparison(DATASET, HeldOutResults).write(results(["cnn", "unet", "both"]))
    assert section(store, report_settings()) is None


def test_each_pair_and_the_mean_stand_beside_the_papers_differences() -> None:
    Path("catalog/reported.yaml").write_text(PAPER.replace("  results:\n", f"  results:\n{PRINTED}") + STATED)
    sentence, table, rest = parts(of(compared(*RIGHT)))
    assert sentence.startswith("In 2 of 2 pairs the model that is pretrained is more accurate than the one that is")
    assert "on average by +27.5 points (95 % interval +" in sentence
    assert table.frame["architecture"].tolist() == ["vgg16", "resnet50", "mean"]
    assert table.frame["first"].tolist() == ["0.900", "0.750", "0.825"]
    assert table.frame["difference (points)"].tolist() == ["+30.0", "+25.0", "+27.5"]
    assert table.frame["paper (points)"].tolist() == ["+25.0", "+3.0 to +5.0 (validation)", "+25.0 (1 of 2)"]
    assert "A paper, Table 3 less Table 2; A paper, Text: in points)" in table.caption
    assert not rest


def test_one_pair_has_no_mean_and_other_causes_are_named() -> None:
    sentence, table, rest = parts(of(compared("pre", "raw", epochs=7)))
    assert sentence.startswith(
        "One pair: pre is pretrained, raw is from random weights. The difference is +30.0 points"
    )
    assert len(table.frame) == 1
    assert "paper (points)" not in table.frame
    assert rest[-1] == Items(["pre, raw: training.epochs: 7 and 1."])


def test_the_stage_compare_pairs_the_models_by_their_recipes() -> None:
    recipe = tiny_recipe("mobilenetv2", "none", weights="imagenet")  # as cnn, but for the weights
    store.settings_of_model("unet").model.write(ModelSettings(recipe=recipe, weights={}, healthy=None))
    compare.main(report_settings().params, DATASET)
    (written,) = store.held_out_comparison(DATASET, HeldOutResults).read().by_architecture
    (pair,) = written.pairs
    assert (pair.models.a, pair.models.b, pair.models.also) == ("unet", "cnn", [])
    shown = section(store, report_settings())
    assert shown is not None
    assert parts(shown)[0].startswith("One pair: unet is pretrained, cnn is from random weights.")
