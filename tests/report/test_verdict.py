"""The verdict says what the numbers allow, and no more."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medtransfer.comparison.rows import HeldOut
from medtransfer.comparison.summary import HeldOutResults, Scored, summarise
from medtransfer.report.verdict import best_model, heat_maps, leakage
from medtransfer.store.interval import Interval
from medtransfer.store.records import Evaluation, MethodScores
from tests.evaluations import evaluation, scores

MAP = MethodScores("grad_cam", "Grad-CAM", (4, 4), 20, 0.5, 0.2, 0.1, 8, Interval(0.4, 0.2, 0.6), None)
AUDIT = {
    "strategy": "grouped",
    "strategies": {"grouped": {"test": 90, "exact": 0, "near": 1, "turned": 2, "patient": 4}},
}


def compared(right: dict[str, int], baseline: str | None = None) -> tuple[dict[str, Evaluation], HeldOutResults]:
    """Models that are right on the first so many of 60 images, each of a group of its own."""
    actual = np.arange(60) % 2
    models = {}
    for name, count in right.items():
        predicted = np.where(np.arange(60) < count, actual, 1 - actual)
        probabilities = np.eye(2)[predicted] * 0.8 + 0.1
        models[name] = Scored(HeldOut(np.arange(60), actual, predicted, probabilities), {}, {})
    results = summarise(models, np.arange(60), [1], baseline, {name: [0.5] for name in right})
    return {name: evaluation(scores(accuracy=count / 60)) for name, count in right.items()}, results


def test_best_model_is_told_apart_from_those_that_are_certainly_worse() -> None:
    sentence = best_model(*compared({"a": 54, "b": 55, "c": 20}))
    assert sentence.startswith("b has the highest accuracy, 91.7% (")
    assert "better than c (+58.3, " in sentence
    assert "cannot be told apart from a (+1.7, " in sentence


def test_interval_without_0_and_a_large_p_are_both_said() -> None:
    evaluations, held_out = compared({"a": 54, "b": 55, "c": 20})
    assert held_out.tests is not None
    pairs = [replace(pair, accuracy_holm_p=0.12) for pair in held_out.tests.pairs]
    sentence = best_model(evaluations, replace(held_out, tests=replace(held_out.tests, pairs=pairs)))
    assert "better than" not in sentence
    assert "but p = 0.12 by Holm" in sentence


def test_order_of_the_models_changes_nothing() -> None:
    assert best_model(*compared({"c": 20, "b": 55})) == best_model(*compared({"b": 55, "c": 20}))


def test_baseline_is_named_where_the_best_model_is_not_compared_with_others() -> None:
    sentence = best_model(*compared({"a": 54, "b": 55, "c": 20}, baseline="c"))
    assert "better than c" in sentence
    assert "a (" not in sentence


def test_single_model_is_compared_with_none() -> None:
    sentence = best_model(*compared({"a": 54}))
    assert sentence.startswith("a is right on 90.0%")
    assert sentence.endswith("no other model to compare it with.")


@pytest.mark.parametrize(("low", "nothing"), [(0.05, False), (-0.01, True)])
def test_leakage_has_its_interval_and_what_the_split_lets_leak(low: float, nothing: bool) -> None:
    worth = {"value": 0.1, "low": low, "high": 0.2}
    experiment: dict[str, Any] = {"model": "m", "groups": 30}
    experiment["all"] = {"differences": {"control_minus_without_copies": worth}}
    sentence = leakage(experiment, AUDIT)
    assert f"10.0 points of accuracy ({100 * low:.1f} to 20.0)" in sentence
    assert ("may be nothing" in sentence) == nothing
    assert sentence.endswith("leaves 3 of 90 test images with a copy there, and 4 with another slice of their patient.")


def test_leakage_that_was_not_measured_says_why() -> None:
    sentence = leakage({"model": None, "reason": "no model is frozen"}, AUDIT)
    assert sentence.startswith("What leakage is worth here was not measured: no model is frozen;")


@pytest.mark.parametrize(
    ("above", "words"),
    [((0.4, 0.2, 0.6), "better than chance"), ((0.1, -0.1, 0.3), "cannot be told"), ((-0.1, -0.2, -0.05), "worse")],
)
def test_heat_maps_are_held_against_chance(above: tuple[float, float, float], words: str) -> None:
    assert words in heat_maps("m", [replace(MAP, pointing_above_chance=Interval(*above))])


def test_heat_maps_without_outlines_say_nothing() -> None:
    assert "cannot be said" in heat_maps("m", [replace(MAP, images=0, pointing_above_chance=None)])
