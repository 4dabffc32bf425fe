"""Bars, gallery, views, and the same images through several models."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from medtransfer.report.augmentation import views_of_images
from medtransfer.report.bars import SHARES, bars_of_scores, in_words
from medtransfer.report.gallery import Told, gallery
from medtransfer.report.side_by_side import Images, Maps, side_by_side, triples
from tests.evaluations import evaluation, scores

TOLD = [Told("ill", "ill", 0.9), Told("ill", "a class with a long name", 0.6), Told("well", "well", 0.5)]
PIXELS = np.zeros((3, 8, 8, 1), np.uint8)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No figure is left open."""
    yield
    plt.close("all")


def test_bars_begin_at_0_and_have_the_ends_of_their_intervals() -> None:
    evaluations = {"m": evaluation(scores(accuracy=0.75)), "n": evaluation(scores())}
    figure = bars_of_scores(evaluations)
    assert [axis.get_title() for axis in figure.axes] == [metric.title for metric in SHARES.values()]
    assert "loss" not in SHARES
    first = figure.axes[0]
    bars = [patch for patch in first.patches if isinstance(patch, Rectangle)]
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 0.75), (0, 0.5)]
    assert [np.asarray(line.get_xdata()).tolist() for line in first.lines] == [[0.6875, 0.8125], [0.4375, 0.5625]]
    assert in_words(evaluations).startswith("m: accuracy 0.750 (0.69 to 0.81), sensitivity 0.500 (")


def test_gallery_says_true_and_predicted_class_and_frames_what_is_wrong() -> None:
    axes = gallery(PIXELS, TOLD, 2).axes
    assert [axis.get_xlabel().replace("\n", " ") for axis in axes] == [
        "true: ill predicted: ill 90%",
        "WRONG true: ill predicted: a class with a long name 60%",
        "true: well predicted: well 50%",
        "",
    ]
    assert [axis.spines["left"].get_visible() for axis in axes[:3]] == [False, True, False]


def test_views_stand_in_rows_beside_their_image() -> None:
    axes = views_of_images(np.zeros((2, 4, 8, 8, 3), np.uint8)).axes
    assert len(axes) == 8
    assert [axis.get_title() for axis in axes] == ["as it is", "view 1", "view 2", "view 3", *[""] * 4]


def test_same_image_is_in_a_row_plain_and_under_every_model_s_map() -> None:
    masks = [np.eye(8, dtype=bool), None, None]
    maps = {name: Maps(np.full((3, 8, 8), value), TOLD) for name, value in (("m", 0.0), ("n", 1.0))}
    every = side_by_side(Images(PIXELS, masks, contours=False), maps).axes
    axes = [every[start : start + 3] for start in (0, 3, 6)]
    assert [axis.get_title() for axis in axes[0]] == ["image", "m", "n"]
    assert [len(axis.images) for axis in axes[0]] == [1, 2, 2]
    assert [len(axis.collections) for axis in axes[0]] == [0, 1, 1]  # the outline is on the maps alone
    assert [axis.get_xlabel().split("\n")[0] for axis in axes[1]] == ["true: ill", "WRONG", "WRONG"]
    assert np.asarray(axes[2][2].images[1].get_array()).max() == 1


def test_map_stands_alone_between_the_image_and_the_overlay_and_has_a_scale() -> None:
    figure = triples(Images(PIXELS, [None] * 3, contours=False), Maps(np.full((3, 8, 8), 0.5), TOLD))
    *axes, scale = figure.axes
    assert [len(axis.images) for axis in axes] == [1, 1, 2, 1, 1, 2, 1, 1, 2, 0, 0, 0]
    assert scale.get_ylabel() == "value of the map"
