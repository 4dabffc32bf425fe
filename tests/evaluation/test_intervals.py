"""Intervals: all resamples at once give what each gives alone, and cover what they should."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from medtransfer.evaluation.intervals import BASIC, resampled_values
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.predictions import Predictions
from medtransfer.evaluation.resampled import CHUNK
from medtransfer.evaluation.resampling import Draws, draw_groups, percentile_interval
from medtransfer.evaluation.scores import scores
from medtransfer.evaluation.shares import BOOTSTRAP, WILSON, WILSON_OF_GROUPS, share
from tests.evaluation.drawn import predictions


@given(drawn=predictions())
@settings(max_examples=12)
def test_all_resamples_at_once_are_what_each_gives_alone(drawn: Predictions) -> None:
    """Of groups of several images; NaN exactly where the images of a resample leave a metric undefined."""
    draws = draw_groups(np.arange(len(drawn.actual)) // 2, resamples=3)
    values = resampled_values(drawn, draws, None)
    for number, counts in enumerate(draws.of_images()):
        part = drawn.rows(np.repeat(np.arange(len(counts)), counts))
        whole = len(set(part.actual.tolist())) == drawn.classes
        for key, metric in METRICS.items():
            value = values[key][number]
            if whole:
                np.testing.assert_allclose(value, np.mean(metric.function(part)), atol=1e-9, err_msg=key)
            elif metric.per_class or metric.every_class:
                assert np.isnan(value), key
            else:
                np.testing.assert_allclose(value, metric.function(part), atol=1e-9, err_msg=key)


def test_a_metric_of_nothing_but_its_function_has_the_same_interval(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Predictions.of(np.arange(30) % 3, rng.dirichlet([1, 1, 1], 30))
    draws = draw_groups(np.arange(30) // 2, resamples=40)
    whole = scores(told, None, draws)["intervals"]
    for key in ("f1", "brier"):
        monkeypatch.setitem(METRICS, key, replace(METRICS[key], resampled=None))
    slow = scores(told, None, draws)["intervals"]
    np.testing.assert_allclose(slow["f1"][:2], whole["f1"][:2])
    np.testing.assert_allclose(slow["brier"][:2], whole["brier"][:2])
    np.testing.assert_allclose(slow["per_class"][1]["f1"][:2], whole["per_class"][1]["f1"][:2])


def test_chunks_of_resamples_are_put_together(rng: np.random.Generator) -> None:
    told = Predictions.of(np.arange(CHUNK // 100) % 2, rng.dirichlet([1, 1], CHUNK // 100))
    groups = np.arange(len(told.actual)) % 50
    draws = draw_groups(groups, resamples=130)
    (alone,) = resampled_values(told, Draws(draws.code, draws.counts[117:118]), 1)["roc_auc"]
    assert resampled_values(told, draws, 1)["roc_auc"][117] == alone


def test_a_proportion_of_single_images_has_wilsons_interval(rng: np.random.Generator) -> None:
    told = Predictions.of(np.arange(80) % 2, rng.dirichlet([1, 1], 80))
    metrics = scores(told, 1, draw_groups(np.arange(80), resamples=200))
    (_, false), (missed, hits) = told.confusion.tolist()
    expected = {"sensitivity": (hits, hits + missed), "precision": (hits, hits + false)}
    expected["accuracy"] = int((told.actual == told.predicted).sum()), 80
    for key, (successes, trials) in expected.items():
        low, high, method = metrics["intervals"][key]
        np.testing.assert_allclose([low, high], proportion_confint(successes, trials, method="wilson"))
        assert method == WILSON
    assert metrics["intervals"]["sensitivity"] == metrics["intervals"]["per_class"][1]["sensitivity"]
    assert metrics["intervals"]["macro"]["sensitivity"][2] == BOOTSTRAP


def test_every_score_has_an_interval_around_it_and_its_method(rng: np.random.Generator) -> None:
    told = Predictions.of(np.arange(90) % 3, rng.dirichlet([1, 1, 1], 90))
    metrics = scores(told, None, draw_groups(np.arange(90) // 6, resamples=300))
    parts = [
        (metrics, metrics["intervals"]),
        *zip(metrics["per_class"], metrics["intervals"]["per_class"], strict=True),
    ]
    parts += [(metrics[name], metrics["intervals"][name]) for name in ("macro", "weighted")]
    for values, intervals in parts:
        for key in METRICS.keys() & values.keys():
            low, high, method = intervals[key]
            assert low <= values[key] <= high, key
            assert method == (BASIC if METRICS[key].raised_by_chance else BOOTSTRAP)


def test_interval_of_a_calibration_error_stays_within_0_and_1() -> None:
    """Ten of twelve images are wrong at a probability of 0.98: reflected, the lower percentile is above 1."""
    told = Predictions.of([0, 1] * 6, [[0.02, 0.98], [0.98, 0.02]] * 5 + [[0.98, 0.02], [0.02, 0.98]])
    metrics = scores(told, 1, draw_groups(np.arange(12) // 2, resamples=300))
    for key in ("calibration_error", "maximum_calibration_error"):
        low, high, _ = metrics["intervals"][key]
        assert 0 <= low <= metrics[key] <= high <= 1, key


def test_where_all_is_right_an_interval_counts_groups_or_is_none() -> None:
    told = Predictions.of(np.arange(40) % 2, np.eye(2)[np.arange(40) % 2])
    intervals = scores(told, 1, draw_groups(np.arange(40) // 4, resamples=200))["intervals"]
    low, high, method = intervals["accuracy"]
    np.testing.assert_allclose([low, high], proportion_confint(10, 10, method="wilson"))
    assert method == WILSON_OF_GROUPS
    assert "roc_auc" not in intervals
    assert "roc_auc" not in intervals["macro"]


def test_a_class_that_is_never_predicted_has_no_interval_of_its_ppv() -> None:
    told = Predictions.of([0, 1, 0, 1], [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    intervals = scores(told, 1, draw_groups(np.arange(4), resamples=200))["intervals"]["per_class"]
    assert "precision" not in intervals[1]
    assert intervals[0]["precision"][2] == WILSON


def test_patients_of_alike_slices_are_covered_by_resampling_patients_alone() -> None:
    """40 patients, 12 slices each, right with a chance of 0.85 that varies over patients (beta-binomial)."""
    rng, truth, covered = np.random.default_rng(3), 0.85, {"images": 0, "patients": 0}
    patients, simulations = np.arange(480) // 12, 300
    draws = {"images": draw_groups(np.arange(480), 2), "patients": draw_groups(patients, 500, seed=1)}
    for _ in range(simulations):
        chances = rng.beta(3 * truth, 3 * (1 - truth), 40)
        right = rng.random(480) < np.repeat(chances, 12)
        for name, drawn in draws.items():
            interval, _ = share(right, np.ones(480, dtype=bool), drawn)
            covered[name] += interval.low <= truth <= interval.high
    assert covered["images"] / simulations == pytest.approx(0.69, abs=0.06)
    assert covered["patients"] / simulations == pytest.approx(0.92, abs=0.04)


def test_near_one_wilson_covers_where_percentiles_do_not() -> None:
    """51 images at an accuracy of 97 %: how often each number of errors occurs, and which intervals then cover."""
    truth, covered = 0.97, {"Wilson": 0.0, "percentiles": 0.0}
    draws = draw_groups(np.arange(51))
    for errors in range(15):
        right = np.arange(51) >= errors
        percentiles = percentile_interval(0, draws.sums(right) / 51)
        interval, _ = share(right, np.ones(51, dtype=bool), draws)
        chance = stats.binom.pmf(errors, 51, 1 - truth)
        covered["Wilson"] += chance * (interval.low <= truth <= interval.high)
        covered["percentiles"] += chance * (percentiles.low <= truth <= percentiles.high)
    assert covered["Wilson"] == pytest.approx(0.94, abs=0.02)
    assert covered["percentiles"] == pytest.approx(0.79, abs=0.02)


def test_calibration_error_is_covered_by_the_basic_bootstrap(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Overconfident probabilities of 200 images, whose error in truth is 0.093."""
    key, truth, covered = "calibration_error", 0.093, {"basic": 0, "percentiles": 0}
    for module in ("scores", "intervals", "means"):
        monkeypatch.setattr(f"medtransfer.evaluation.{module}.METRICS", {key: METRICS[key]})
    draws = draw_groups(np.arange(200), 300)
    for _ in range(100):
        logits = 2 * rng.normal(size=200)
        actual = (rng.random(200) < 1 / (1 + np.exp(-logits))).astype(int)
        sure = 1 / (1 + np.exp(-2 * logits))
        told = Predictions.of(actual, np.column_stack([1 - sure, sure]))
        low, high, _ = scores(told, None, draws)["intervals"][key]
        covered["basic"] += low <= truth <= high
        plain = percentile_interval(0, resampled_values(told, draws, None)[key])
        covered["percentiles"] += plain.low <= truth <= plain.high
    assert covered["basic"] >= 86
    assert covered["percentiles"] <= 80
