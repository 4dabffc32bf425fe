"""Test accuracy against the number of training images, and how many of them pretraining saves."""

import pandas as pd

from medtransfer.comparison.learning_curves import LearningCurves, PairOfCurves
from medtransfer.plotting import png
from medtransfer.report.blocks import Block, Items, Note, Paragraph, Picture, Section, Subsection, TableBlock
from medtransfer.report.curves import accuracy_by_images, differences_by_images
from medtransfer.report.estimates import cell
from medtransfer.report.images_saved import ends, number, pair_at, saved
from medtransfer.report.numbers import points
from medtransfer.report.settings import ReportSettings, Store

ORDER = 197
TITLE, ANCHOR = "Number of training images", "training-images"
TRAINING = (
    "Every model was trained on fractions of each fold's training images, with as many steps as on all of them: the "
    "images of a fraction come again and again. Smaller fractions are part of larger ones; groups are in or out as a "
    "whole. Where a recipe looks at validation images, to select an epoch or to stop early, these are all of the "
    "fold's, and are not counted here."
)
READING = (
    "Accuracy is that of the mean probability of the folds' networks, of the first repeat, whatever evaluate.tested "
    "says. Intervals are of other groups of test images and, of fractions with several draws, of other draws. They do "
    "not cover another training on the same images: at fractions with one draw, chance in training is not seen."
)
INVERSION = (
    "The learning curve of the second model is made to rise (isotonic regression) and is linear in the logarithm of "
    "the number of images; it is read where it reaches the accuracy of the first. Beyond the largest number nothing is "
    "known. None: the first model does not reach more than the second has with as many images."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """Curves and tables; None of a study without fractions."""
    curves: LearningCurves = store.learning_curves(settings.dataset, LearningCurves).read()
    if not curves.fractions:
        return None
    basis = f"{curves.images} held-out images of {curves.groups} groups"
    numbers = "; ".join(
        f"{name}: {', '.join(f'{point.accuracy:.3f}' for point in each)}" for name, each in curves.models.items()
    )
    images = ", ".join(str(each.images) for each in curves.fractions)
    picture = Picture(
        png(accuracy_by_images(curves)),
        f"Test accuracy of each model with {images} training images. {numbers}.",
        f"Test accuracy against the number of training images of a fold, on {basis}. Shaded: 95 % intervals.",
    )
    table = TableBlock(_accuracy(curves), f"Test accuracy on {basis}, and its 95 % interval.")
    blocks: list[Block] = [Paragraph(TRAINING), picture, table, Note(READING)]
    if curves.pairs:
        blocks.append(Subsection("What pretraining is worth with fewer images", _pairs(curves)))
    return Section(TITLE, ANCHOR, blocks)


def _accuracy(curves: LearningCurves) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "fraction": [f"{each.fraction:g}" for each in curves.fractions],
            "training images": [each.images for each in curves.fractions],
            "groups": [each.groups for each in curves.fractions],
            "draws": [len(point.draws) for point in next(iter(curves.models.values()))],
        }
    )
    cells = {name: [cell(point.accuracy, point.interval) for point in each] for name, each in curves.models.items()}
    return table.assign(**cells)


def _pairs(curves: LearningCurves) -> list[Block]:
    values = "; ".join(
        f"{pair.models.a} less {pair.models.b}: {', '.join(points(each.value) for each in pair.differences)}"
        for pair in curves.pairs
    )
    blocks: list[Block] = [
        Items([f"With {curves.fractions[0].images} images: {pair_at(curves, pair, 0)}." for pair in curves.pairs]),
        Picture(
            png(differences_by_images(curves)),
            f"Difference in test accuracy by the number of training images, in points. {values}.",
            "Test accuracy of the pretrained model less that of the one from random weights. Shaded: 95 % intervals.",
        ),
    ]
    blocks += [TableBlock(_pair(curves, pair), _caption(pair)) for pair in curves.pairs]
    also = [
        f"{pair.models.a}, {pair.models.b}: {'; '.join(pair.models.also)}." for pair in curves.pairs if pair.models.also
    ]
    if also:
        blocks += [Paragraph("These pairs differ in other keys of their recipes too:"), Items(also)]
    return [*blocks, Note(INVERSION)]


def _pair(curves: LearningCurves, pair: PairOfCurves) -> pd.DataFrame:
    largest = curves.fractions[-1].images
    return pd.DataFrame(
        {
            "training images": [each.images for each in curves.fractions],
            pair.models.a: [f"{point.accuracy:.3f}" for point in curves.models[pair.models.a]],
            pair.models.b: [f"{point.accuracy:.3f}" for point in curves.models[pair.models.b]],
            "difference (points)": [points(each.value) for each in pair.differences],
            "95 % interval": [ends(each.interval) for each in pair.differences],
            f"{pair.models.b} needs": [
                number(each.needed, largest) if each.helps else "no more" for each in pair.needed
            ],
            "images saved": [saved(each, largest) for each in pair.needed],
        }
    )


def _caption(pair: PairOfCurves) -> str:
    other = "trained from scratch" if pair.scratch else "frozen with random weights"
    return f"{pair.models.a} is pretrained, {pair.models.b} is {other}; architecture {pair.models.architecture}."
