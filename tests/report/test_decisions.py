"""The rule, rates and worth of decisions, in tables, words and figures."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.thresholds import ThresholdRule
from medtransfer.report import decisions as shown
from medtransfer.store.interval import Interval
from tests.evaluations import decisions

RULE = ThresholdRule("sensitivity", 0.9, Condition(0, healthy=False), 0.3, 0.92, 0.7, (0.8, 0.97), (0.6, 0.79))
CURVE = pd.DataFrame(
    {
        "threshold": [0.1, 0.2, 0.3, 0.4],
        "model": [0.3, 0.3, 0.3, 0.1],
        "low": [0.2, 0.2, 0.25, -0.1],
        "high": [0.4, 0.4, 0.4, 0.2],
        "treat_all": [0.4, 0.25, 0.1, -0.2],
        "treat_none": 0.0,
    }
)


def test_rule_is_said_and_its_thresholds_are_listed() -> None:
    models = {"a": decisions(), "b": decisions(rule=RULE)}
    assert shown.rule_in_words(models["a"]) == "The class with the largest probability is named."
    assert "finds a share of 0.9 of new images" in shown.rule_in_words(models["b"])
    assert shown.thresholds(models).to_numpy().tolist() == [
        ["b", "0.300", "0.920<small>0.80 to 0.97</small>", "0.700<small>0.60 to 0.79</small>"]
    ]


def test_rates_and_predictive_values_have_intervals() -> None:
    assert shown.points({"a": decisions()}).to_dict("records") == [
        {"model": "a", "sensitivity at 95% specificity": "0.750<small>0.50 to 1.00</small>"}
    ]
    (row,) = shown.predictive_values({"a": decisions(ppv=Interval(0.5, 0.25, 0.75))}).to_numpy().tolist()
    assert row == ["a", "0.500<small>0.25 to 0.75</small>", "–<small>–</small>"]


def test_worth_is_held_against_the_better_of_all_and_none() -> None:
    assert shown.worth_in_words(CURVE) == (
        "The model is worth more than acting on every image and than acting on none at 3 of 4 thresholds, between 0.20 "
        "and 0.40; its interval lies above both at 1 of 4 thresholds, between 0.30 and 0.30."
    )
    assert "nowhere does its interval" in shown.worth_in_words(CURVE.assign(low=-1.0))
    assert shown.worth_in_words(CURVE.assign(model=-1.0)).startswith("At no threshold")


@pytest.mark.parametrize("chosen", [None, 0.25])
def test_chosen_threshold_is_marked(chosen: float | None) -> None:
    curve = pd.DataFrame({"threshold": [0.1, 0.9], "sensitivity": [1.0, 0.5], "specificity": [0.2, 1.0]})
    figure = shown.threshold_figure(curve, chosen)
    lines = {str(line.get_label()): line for line in figure.axes[0].lines}
    assert np.asarray(lines["specificity"].get_ydata()).tolist() == [0.2, 1.0]
    assert ("threshold: 0.250" in lines) == (chosen is not None)
    plt.close(figure)


def test_curve_of_a_worthless_model_can_be_drawn() -> None:
    figure = shown.decision_figure(CURVE.assign(model=-1.0, low=-2.0, high=-1.0, treat_all=-1.0))
    low, high = figure.axes[0].get_ylim()
    assert low < 0 < high
    assert len(figure.axes[0].lines) == 3
    plt.close(figure)
