"""Every row of METRICS: against a plain count by hand, and by what holds for any score of predictions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.evaluation.metrics import METRICS, by_printed_name, confusion_matrix, roc_curve, scores, softmax

Drawn = tuple[NDArray[np.int64], NDArray[np.float64]]


@st.composite
def predictions(draw: st.DrawFn) -> Drawn:
    """Every class has an image; probabilities with ties, zeros and ones among them."""
    classes = draw(st.integers(2, 4))
    actual = [*range(classes), *draw(st.lists(st.integers(0, classes - 1), max_size=30))]
    row = st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any)
    weights = np.array(draw(st.lists(row, min_size=len(actual), max_size=len(actual))), dtype=float)
    return np.array(actual), weights / weights.sum(axis=1, keepdims=True)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def counts(drawn: Drawn, code: int) -> tuple[int, int, int, int]:
    """Of a class against the rest: hits, misses, false alarms, and the others."""
    actual, predicted = drawn[0].tolist(), [row.index(max(row)) for row in drawn[1].tolist()]
    pairs = [(a == code, p == code) for a, p in zip(actual, predicted, strict=True)]
    return (
        pairs.count((True, True)),
        pairs.count((True, False)),
        pairs.count((False, True)),
        pairs.count((False, False)),
    )


def of_classes(score: Callable[[int, int, int, int], float]) -> Callable[[Drawn], list[float]]:
    return lambda drawn: [score(*counts(drawn, code)) for code in range(drawn[1].shape[1])]


def area(drawn: Drawn) -> list[float]:
    """The chance that an image of the class scores above one of the rest, ties counting half."""
    actual, probabilities = drawn
    areas = []
    for code in range(probabilities.shape[1]):
        inside, rest = probabilities[actual == code, code].tolist(), probabilities[actual != code, code].tolist()
        areas.append(sum((a > b) + (a == b) / 2 for a in inside for b in rest) / (len(inside) * len(rest)))
    return areas


def surprise(drawn: Drawn) -> float:
    smallest = 2.0**-52
    terms = [-np.log(min(max(row[a], smallest), 1 - smallest)) for a, row in zip(*drawn, strict=True)]
    return sum(terms) / len(terms)


BY_HAND: dict[str, Callable[[Drawn], float | list[float]]] = {
    "accuracy": lambda drawn: sum(counts(drawn, code)[0] for code in range(drawn[1].shape[1])) / len(drawn[0]),
    "sensitivity": of_classes(lambda hit, miss, alarm, other: ratio(hit, hit + miss)),
    "specificity": of_classes(lambda hit, miss, alarm, other: ratio(other, other + alarm)),
    "precision": of_classes(lambda hit, miss, alarm, other: ratio(hit, hit + alarm)),
    "f1": of_classes(lambda hit, miss, alarm, other: ratio(2 * hit, 2 * hit + miss + alarm)),
    "roc_auc": area,
    "loss": surprise,
}


@pytest.mark.parametrize("key", BY_HAND)
@given(drawn=predictions())
def test_is_what_a_count_by_hand_gives(key: str, drawn: Drawn) -> None:
    np.testing.assert_allclose(METRICS[key].function(*drawn), BY_HAND[key](drawn), atol=1e-12)


@pytest.mark.parametrize("key", METRICS)
@given(drawn=predictions())
def test_is_a_number_or_one_per_class_and_certainty_of_the_truth_is_best(key: str, drawn: Drawn) -> None:
    metric, (actual, probabilities) = METRICS[key], drawn
    values = np.asarray(metric.function(actual, probabilities))
    assert values.shape == ((probabilities.shape[1],) if metric.per_class else ())
    assert np.isfinite(values).all()
    best = np.asarray(metric.function(actual, np.eye(probabilities.shape[1])[actual]))
    assert (best >= values - 1e-12 if metric.higher_is_better else best <= values + 1e-12).all()


@pytest.mark.parametrize("key", METRICS)
@given(seed=st.integers(0, 2**31))
def test_depends_neither_on_the_order_of_images_nor_on_that_of_classes(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    actual, probabilities = np.arange(20) % 3, rng.dirichlet([1, 1, 1], 20)
    images, classes = rng.permutation(20), rng.permutation(3)
    metric = METRICS[key]
    expected = np.asarray(metric.function(actual, probabilities))
    renumbered = np.argsort(classes)[actual[images]], probabilities[images][:, classes]
    np.testing.assert_allclose(metric.function(*renumbered), expected[classes] if metric.per_class else expected)


@given(drawn=predictions())
def test_rows_of_the_confusion_matrix_are_actual_classes(drawn: Drawn) -> None:
    confusion = confusion_matrix(*drawn)
    for code in range(drawn[1].shape[1]):
        hit, miss, alarm, _ = counts(drawn, code)
        assert (confusion[code, code], confusion[code].sum(), confusion[:, code].sum()) == (
            hit,
            hit + miss,
            hit + alarm,
        )


@given(drawn=predictions())
def test_roc_curve_has_a_point_for_each_threshold(drawn: Drawn) -> None:
    actual, probabilities = drawn
    score, positive = probabilities[:, 0], actual == 0
    thresholds = [np.inf, *sorted(set(score.tolist()), reverse=True)]
    false, true = roc_curve(actual, probabilities, 0)
    np.testing.assert_allclose(false, [(score[~positive] >= threshold).mean() for threshold in thresholds])
    np.testing.assert_allclose(true, [(score[positive] >= threshold).mean() for threshold in thresholds])


@pytest.mark.parametrize("actual", [[0, 0], [1, 1]])
def test_a_class_without_images_or_without_others_has_no_curve(actual: list[int]) -> None:
    with pytest.raises(ValueError, match="both positives and negatives"):
        scores(np.array(actual), np.full((2, 2), 0.5), None)
    with pytest.raises(ValueError, match="both positives and negatives"):
        roc_curve(np.array(actual), np.full((2, 2), 0.5), 0)


def test_leading_scores_are_of_the_positive_class_or_the_mean_over_classes(rng: np.random.Generator) -> None:
    actual, probabilities = np.arange(60) % 3, rng.dirichlet([1, 1, 1], 60)
    averaged, leading = scores(actual, probabilities, None), scores(actual, probabilities, 2)
    for key, metric in METRICS.items():
        value = metric.function(actual, probabilities)
        if metric.per_class:
            assert averaged[key] == averaged["macro"][key] == pytest.approx(np.mean(value))
            assert leading[key] == leading["per_class"][2][key] == value[2]
        else:
            assert averaged[key] == leading[key] == value
    assert averaged["per_class"] == leading["per_class"]


def test_softmax_does_not_overflow() -> None:
    expected = np.array([[1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0], [0.0, 0.0]], np.float32)), expected)


def test_titles_and_names_are_of_one_metric_each() -> None:
    names = [name for key, metric in METRICS.items() for name in (key, *metric.other_names)]
    assert len(by_printed_name()) == len(names)
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)
