"""The section on fewer training images, and the verdict's sentence: of curves whose answer is known."""

from collections.abc import Sequence
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.comparison.learning_curves import LearningCurves, compare_learning_curves
from medtransfer.report.blocks import Block, Items, Picture, Subsection, TableBlock
from medtransfer.report.curves import accuracy_by_images
from medtransfer.report.images_saved import saved, with_few_images
from medtransfer.report.sections.learning_curves import section
from medtransfer.report.settings import ReportSettings
from medtransfer.report.verdict import verdict
from tests.comparison.test_learning_curves import RECIPES, SCRATCH, on_fractions
from tests.report.finished_study import DATASET


def curves(*pretrained: float) -> LearningCurves:
    """Test accuracy of `pre` with 50 to 800 images, beside that of `raw`: 0.5 to 0.9."""
    return compare_learning_curves(on_fractions({"pre": pretrained, "raw": SCRATCH}, 1000), RECIPES)


FOUR_TIMES = curves(0.7, 0.8, 0.9, 0.95, 0.97)


def test_a_study_without_fractions_has_no_section_and_no_sentence(settings: ReportSettings) -> None:
    assert section(store, settings) is None
    assert not any(sentence.startswith("Few images") for sentence in verdict(store, settings))


def test_what_is_saved_stands_in_the_section_and_in_the_verdict(settings: ReportSettings) -> None:
    store.learning_curves(DATASET, LearningCurves).write(FOUR_TIMES)
    shown = section(store, settings)
    assert shown is not None
    _, picture, table, _, part = shown.blocks
    assert isinstance(picture, Picture)
    assert "pre: 0.700, 0.800, 0.900, 0.950, 0.970; raw: 0.500" in picture.alternative_text
    assert isinstance(table, TableBlock)
    assert table.frame["training images"].tolist() == [50, 100, 200, 400, 800]
    assert isinstance(part, Subsection)
    frame = _table(part.blocks)
    assert frame["raw needs"].tolist() == ["200", "400", "800", "more than 800", "more than 800"]
    assert frame["difference (points)"].tolist() == ["+20.0", "+20.0", "+20.0", "+15.0", "+7.0"]
    assert frame["images saved"].iloc[0].startswith("150 (")
    assert frame["images saved"].iloc[3:].tolist() == ["more than 400", "not known"]
    assert (
        next(block for block in part.blocks if isinstance(block, Items)).sentences[0].startswith("With 50 images: pre")
    )
    (sentence,) = (each for each in verdict(store, settings) if each.startswith("Few images"))
    assert (
        "with 50 training images in each fold, the fewest that were tried, pre is more accurate than raw (+20.0"
        in sentence
    )
    assert "which needs 200 images to reach it (" in sentence


@pytest.mark.parametrize(
    ("pretrained", "words", "fewer"),
    [
        ((0.4, 0.5, 0.6, 0.7, 0.8), "pre is less accurate than raw (-10.0 points", "none"),
        ((0.52, 0.6, 0.7, 0.8, 0.9), "pre cannot be told apart from raw (+2.0 points", "7 (none to "),
        ((0.95, 0.95, 0.95, 0.95, 0.95), "(+45.0 points, ", "more than 750"),
    ],
)
def test_harm_chance_and_the_end_of_the_curve_are_said_as_they_are(
    pretrained: tuple[float, ...], words: str, fewer: str
) -> None:
    comparison = curves(*pretrained)
    assert words in str(with_few_images(comparison))
    assert ("which does not reach it with 800 images" in str(with_few_images(comparison))) == (pretrained[0] == 0.95)
    assert saved(comparison.pairs[0].needed[0], largest=800).startswith(fewer)


def test_more_pairs_than_a_sentence_holds_are_counted_and_none_is_no_sentence() -> None:
    many = replace(FOUR_TIMES, pairs=FOUR_TIMES.pairs * 5)
    assert "; the page has 2 more pairs." in str(with_few_images(many))
    assert with_few_images(replace(FOUR_TIMES, pairs=[])) is None


def test_lines_stand_at_the_numbers_of_images_on_a_log_axis() -> None:
    (axis,) = accuracy_by_images(FOUR_TIMES).axes
    assert axis.get_xscale() == "log"
    for line, (name, points) in zip(axis.lines, FOUR_TIMES.models.items(), strict=True):
        assert line.get_label() == name
        assert np.asarray(line.get_xdata()).tolist() == [50, 100, 200, 400, 800]
        assert np.asarray(line.get_ydata()).tolist() == [point.accuracy for point in points]
    assert len({line.get_color() for line in axis.lines}) == len({line.get_marker() for line in axis.lines}) == 2
    assert [label.get_text() for label in axis.get_xticklabels()] == ["50", "100", "200", "400", "800"]
    plt.close("all")


def _table(blocks: Sequence[Block]) -> pd.DataFrame:
    (table,) = (block for block in blocks if isinstance(block, TableBlock))
    return table.frame
