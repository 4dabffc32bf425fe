"""What the figures of the comparison draw."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D

from medtransfer.report.comparison_figures import Estimate, critical_difference, forest
from medtransfer.report.curves import learning_curves_of_models, over_folds, roc_of_models
from tests.report.comparison_results import RANKING


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No figure is left open."""
    yield
    plt.close("all")


def xs(line: Line2D) -> list[float]:
    """Where its points are."""
    return [float(x) for x in np.asarray(line.get_xdata())]


def test_forest_has_a_row_for_each_pair_from_the_top_and_marks_no_difference() -> None:
    estimates = [Estimate("a", "b", 0.5, (0.25, 0.75), True), Estimate("a", "c", -0.25, None, False)]
    (axis,) = forest(estimates, "difference").axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a\n− b", "a\n− c"]
    assert axis.yaxis_inverted()
    zero, interval, first, second = axis.lines
    assert xs(zero) == [0, 0]
    assert xs(interval) == [0.25, 0.75]
    assert xs(first) + xs(second) == [0.5, -0.25]
    assert (first.get_markerfacecolor() == "white", second.get_markerfacecolor() == "white") == (False, True)


def test_bars_of_the_diagram_join_models_that_cannot_be_told_apart() -> None:
    (axis,) = critical_difference(RANKING).axes
    bars = [xs(line) for line in axis.lines if line.get_linewidth() == 4]
    assert [[round(end) for end in np.multiply(bar, 4)] for bar in bars] == [[4, 9], [9, 11]]
    texts = [text.get_text() for text in axis.texts]
    assert "critical difference 1.50" in texts
    assert texts[-3:] == ["both\n1.00", "unet\n2.25", "cnn\n2.75"]


def test_learning_curve_is_the_mean_of_the_folds_that_reach_an_epoch() -> None:
    history = pd.DataFrame({"fold": [0, 0, 1], "epoch": [1, 2, 1], "val_loss": [0.5, 0.25, 1.0]})
    assert over_folds(history, "val_loss").to_numpy().tolist() == [[0.75, 0.5, 1.0], [0.25, 0.25, 0.25]]
    (axis,) = learning_curves_of_models({"m": history}, "val_loss", "loss").axes
    assert np.asarray(axis.lines[0].get_ydata()).tolist() == [0.75, 0.25]
    assert axis.collections[0].get_paths()[0].get_extents().bounds == (1.0, 0.25, 1.0, 0.75)


def test_learning_curve_of_one_epoch_is_a_marker() -> None:
    history = pd.DataFrame({"fold": [0, 0], "epoch": [1, 2], "val_loss": [0.5, 0.25]})
    (axis,) = learning_curves_of_models({"long": history, "short": history[:1]}, "val_loss", "loss").axes
    assert [line.get_marker() for line in axis.lines] == ["None", "o"]


def test_legend_of_many_models_leaves_the_plot_free() -> None:
    history = pd.DataFrame({"fold": [0, 0], "epoch": [1, 2], "val_loss": [0.5, 0.25]})
    for models in (6, 7):
        figure = learning_curves_of_models({str(number): history for number in range(models)}, "val_loss", "loss")
        assert (figure.axes[0].get_legend() is not None, len(figure.legends)) == (models == 6, int(models == 7))


def test_roc_has_a_curve_for_each_model_and_the_band() -> None:
    curve = pd.DataFrame({"false_positive_rate": [0.0, 1.0], "true_positive_rate": [0.5, 1.0]})
    band = pd.DataFrame({"false_positive_rate": [0.0, 1.0], "low": [0.25, 1.0], "high": [0.75, 1.0]})
    (axis,) = roc_of_models({"m": curve, "n": curve}, {"m": 0.75, "n": 0.5}, band).axes
    assert [line.get_label() for line in axis.lines] == ["chance (0.500)", "m (0.750)", "n (0.500)"]
    assert axis.collections[0].get_paths()[0].get_extents().bounds == (0.0, 0.25, 1.0, 0.75)
