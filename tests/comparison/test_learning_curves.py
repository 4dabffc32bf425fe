"""Learning curves and images saved, on curves whose answer is known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from medtransfer.comparison.images_needed import curves_that_rise, invert
from medtransfer.comparison.learning_curves import (
    Fraction,
    LearningCurves,
    OnFractions,
    compare_learning_curves,
    pretrained_pairs,
    resampled_accuracy,
)
from tests.conftest import tiny_recipe

IMAGES = (50, 100, 200, 400, 800)
FRACTIONS = [Fraction(number / 800, number, number // 2) for number in IMAGES]
RECIPES = {"pre": tiny_recipe("vgg16", weights="imagenet"), "raw": tiny_recipe("vgg16")}
SCRATCH = (0.5, 0.6, 0.7, 0.8, 0.9)


def on_fractions(accuracy: Mapping[str, Sequence[float]], images: int) -> OnFractions:
    """Each model is right on exactly so many of the images, in an order of its own, with one draw of each fraction."""
    orders = {name: np.random.default_rng(place).permutation(images) for place, name in enumerate(accuracy)}
    right = {
        name: [(orders[name] < round(value * images))[None] for value in values] for name, values in accuracy.items()
    }
    return OnFractions(FRACTIONS, right, np.arange(images))


def compared(*pretrained: float) -> LearningCurves:
    return compare_learning_curves(on_fractions({"pre": pretrained, "raw": SCRATCH}, 1000), RECIPES)


def test_a_model_that_is_worth_four_times_the_images_saves_three_quarters() -> None:
    """What it has with n images, the other one has with 4 n; beyond the largest number nothing is said."""
    (pair,) = compared(0.7, 0.8, 0.9, 0.95, 0.97).pairs
    assert [each.needed for each in pair.needed] == [200, 400, 800, None, None]
    assert all(each.certain for each in pair.needed)
    first, second, third, *_ = pair.needed
    for each in (first, second):
        assert each.low is not None
        assert each.low < 4 * each.images
        assert each.high is None or 4 * each.images < each.high < 6 * each.images
    assert third.high is None, "the other model's curve ends there"
    assert [each.value for each in pair.differences] == pytest.approx([0.2, 0.2, 0.2, 0.15, 0.07])
    assert all(each.interval and each.interval[0] > 0 for each in pair.differences)


def test_between_two_numbers_the_curve_is_linear_in_the_logarithm() -> None:
    (pair,) = compared(0.65, 0.675, 0.7, 0.8, 0.9).pairs
    counts = [each.needed for each in pair.needed]
    assert counts == pytest.approx([100 * 2**0.5, 100 * 2**0.75, 200, 400, 800])
    assert [each.helps for each in pair.needed] == [True, True, False, False, False]


def test_pretraining_that_harms_saves_nothing_and_the_difference_is_negative() -> None:
    (pair,) = compared(0.4, 0.5, 0.6, 0.7, 0.8).pairs
    assert [each.needed for each in pair.needed] == [50, 50, 100, 200, 400]
    assert not any(each.helps or each.certain for each in pair.needed)
    assert [each.value for each in pair.differences] == pytest.approx([-0.1] * 5)


def simulated(rng: np.random.Generator, gain: float) -> OnFractions:
    """40 groups of two images, which are alike; of four draws of a subset, some are good for a model."""
    images, draws = 80, (4, 4, 1)
    group = np.repeat(rng.normal(0, 1, 40), 2)
    right: dict[str, list[NDArray[np.bool_]]] = {"pre": [], "raw": []}
    for place, count in enumerate(draws):
        for name, more in (("pre", gain), ("raw", 0.0)):
            luck = rng.normal(0, 0.2, (count, 1)) if count > 1 else 0.0
            right[name].append(rng.normal(0, 1, (count, images)) < group + luck + 0.4 * place + more)
    return OnFractions(FRACTIONS[:3], right, np.repeat(np.arange(40), 2))


@pytest.mark.parametrize(("gain", "bounds"), [(0.0, (0, 4)), (0.8, (48, 60))])
def test_without_a_difference_the_interval_holds_0_and_a_planted_one_is_found(
    gain: float, bounds: tuple[int, int]
) -> None:
    """In 20 simulated studies of three fractions."""
    rng, without_0 = np.random.default_rng(1), 0
    for _ in range(20):
        (pair,) = compare_learning_curves(simulated(rng, gain), RECIPES).pairs
        without_0 += sum(each.interval is not None and each.interval[0] > 0 for each in pair.differences)
        without_0 += sum(each.interval is not None and each.interval[1] < 0 for each in pair.differences)
    assert bounds[0] <= without_0 <= bounds[1]


def test_variance_over_draws_is_that_of_their_mean() -> None:
    """All images are right or all are wrong, so draws alone differ: s^2 / 3 of the accuracies 1, 0 and 1."""
    right = np.repeat([[True], [False], [True]], 10, axis=1)
    accuracies = resampled_accuracy(OnFractions(FRACTIONS[:2], {"m": [right, right[:1]]}, np.arange(10)))["m"]
    assert accuracies[:, 0].mean() == pytest.approx(2 / 3, abs=0.02)
    assert accuracies[:, 0].var() == pytest.approx(np.var([1, 0, 1], ddof=1) / 3, rel=0.1)
    assert (accuracies[:, 1] == 1).all()


def test_models_that_are_always_right_have_no_interval_and_no_fractions_no_curves() -> None:
    curves = compare_learning_curves(on_fractions({"m": [1.0] * 5}, 50), {"m": RECIPES["pre"]})
    assert [(point.accuracy, point.interval) for point in curves.models["m"]] == [(1.0, None)] * 5
    assert not curves.pairs
    assert compare_learning_curves(OnFractions([], {"m": []}, np.arange(5)), RECIPES) == LearningCurves()


@given(arrays.arrays(float, (3, 5), elements=st.floats(0, 1)), st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_curves_that_rise_are_scikit_learns_isotonic_regression(accuracy: NDArray, weights: list[int]) -> None:
    expected = [IsotonicRegression().fit_transform(range(5), curve, sample_weight=weights) for curve in accuracy]
    assert curves_that_rise(accuracy, weights) == pytest.approx(np.array(expected))


@given(arrays.arrays(float, (4, 5), elements=st.floats(0, 1)), arrays.arrays(float, 4, elements=st.floats(0, 1)))
def test_inverted_number_of_images_has_the_accuracy_that_was_asked_for(curves: NDArray, reached: NDArray) -> None:
    curves = np.sort(curves, axis=1)
    for images, value, curve in zip(invert(np.array(IMAGES), reached, curves), reached, curves, strict=True):
        if np.isinf(images):
            assert value > curve[-1]
        elif value <= curve[0]:
            assert images == IMAGES[0]
        else:
            before = np.interp(np.log(images * (1 - 1e-6)), np.log(IMAGES), curve)
            after = np.interp(np.log(images * (1 + 1e-6)), np.log(IMAGES), curve)
            assert before - 1e-4 <= value <= after + 1e-4


def test_each_pretrained_model_is_paired_with_one_from_scratch_or_else_with_random_features() -> None:
    def recipe(weights: str | None, trainable: str = "all", architecture: str = "vgg16") -> Any:  # noqa: ANN401
        return tiny_recipe(architecture, trainable, weights=weights)

    recipes = {
        "scratch": recipe(None), "floor": recipe(None, "none"), "frozen": recipe("imagenet", "none"),
        "tuned": recipe("imagenet"), "deep frozen": recipe("imagenet", "none", "resnet50"),
        "deep floor": recipe(None, "none", "resnet50"), "alone": recipe("imagenet", architecture="densenet121"),
    }  # fmt: skip
    pairs = [(pair.a, pair.b, scratch) for pair, scratch in pretrained_pairs(recipes)]
    assert pairs == [
        ("frozen", "scratch", True), ("tuned", "scratch", True), ("deep frozen", "deep floor", False)
    ]  # fmt: skip
