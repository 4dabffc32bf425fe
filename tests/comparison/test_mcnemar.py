"""McNemar's test by a published case and by enumeration, Cochran's Q by permutation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from medtransfer.comparison.mcnemar import cochrans_q, mcnemar, mid_p_by_groups, odds_ratio
from medtransfer.settings.errors import UserError

Right = NDArray[np.bool_]


def pair(only_a: int, only_b: int, both: int = 3) -> tuple[Right, Right]:
    a = np.repeat([True, False, True], [only_a, only_b, both])
    b = np.repeat([False, True, True], [only_a, only_b, both])
    return a, b


def test_fagerlands_worked_case() -> None:
    """Fagerland, Lydersen and Laake (2013, 2014): 21 children, discordant 1 and 7."""
    a, b = pair(1, 7, 13)
    result = mcnemar(a, b, np.arange(21))
    assert (result.only_a, result.only_b, result.images, result.groups) == (1, 7, 21, 21)
    assert result.exact_p == pytest.approx(0.0703, abs=5e-5)
    assert result.mid_p == pytest.approx(0.0391, abs=5e-5)
    ratio = odds_ratio(1, 7)
    assert ratio is not None
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.143, 0.003, 1.11), abs=5e-3)


def test_no_discordant_image_is_no_difference() -> None:
    a, b = pair(0, 0)
    result = mcnemar(a, b, np.arange(3))
    assert (result.exact_p, result.mid_p, mid_p_by_groups(a, b, np.arange(3))) == (1, 1, 1)
    assert odds_ratio(0, 0) is None


def test_odds_ratio_has_no_bound_where_one_model_alone_is_ever_right() -> None:
    high, low = odds_ratio(5, 0), odds_ratio(0, 5)
    assert high is not None
    assert low is not None
    assert (high.value, high.high) == (None, None)
    assert (low.value, low.low) == (0, 0)
    assert low.high == pytest.approx(1 / high.low)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_groups_of_one_image_have_mcnemars_mid_p(only_a: int, only_b: int) -> None:
    a, b = pair(only_a, only_b)
    groups = np.arange(len(a))
    assert mid_p_by_groups(a, b, groups) == pytest.approx(mcnemar(a, b, groups).mid_p)


def test_groups_flip_as_wholes() -> None:
    """By scipy's permutation test, which enumerates the 2^9 flips."""
    rng, groups = np.random.default_rng(3), np.repeat(np.arange(9), [1, 2, 3, 4, 5, 5, 4, 3, 2])
    a, b = rng.random(29) < 0.8, rng.random(29) < 0.5
    sums = [np.bincount(groups, right) for right in (a, b)]
    enumerated = stats.permutation_test(
        sums, lambda x, y, axis: np.sum(x - y, axis=axis), permutation_type="samples", n_resamples=np.inf
    )
    distances = np.abs(enumerated.null_distribution.round())
    seen = abs(int(a.sum()) - int(b.sum()))
    assert mid_p_by_groups(a, b, groups) == pytest.approx((distances > seen).mean() + (distances == seen).mean() / 2)


def test_few_discordant_groups_are_no_evidence() -> None:
    groups = np.repeat(np.arange(20), 10)
    better = groups < 4  # four patients, all of whose images one model alone gets right
    assert mid_p_by_groups(better | (groups > 9), groups > 9, groups) == pytest.approx(1 / 16)


def test_alike_images_are_said() -> None:
    a, b = pair(1, 1)
    assert "5 images are of 2 groups" in mcnemar(a, b, np.array([0, 0, 0, 1, 1])).assumes
    assert "group of its own" in mcnemar(a, b, np.arange(5)).assumes


def test_cochrans_q_by_permutation() -> None:
    """Within each image, which models are right is shuffled."""
    rng = np.random.default_rng(0)
    right = rng.random((80, 3)) < [0.75, 0.6, 0.7]
    result = cochrans_q(dict(zip("abc", right.T, strict=True)), np.arange(80))
    shuffled = rng.permuted(np.broadcast_to(right, (4000, 80, 3)), axis=2).sum(axis=1)
    spread = right.sum(axis=0).var()
    assert result.p == pytest.approx((shuffled.var(axis=1) >= spread - 1e-9).mean(), abs=0.03)
    assert result.degrees_of_freedom == 2


def test_cochrans_q_of_two_models_is_mcnemars_chi_square() -> None:
    a, b = pair(4, 12)
    assert cochrans_q({"a": a, "b": b}, np.arange(len(a))).statistic == pytest.approx((12 - 4) ** 2 / 16)


def test_cochrans_q_is_undefined_of_models_right_on_the_same_images() -> None:
    a, _ = pair(4, 12)
    result = cochrans_q({"a": a, "b": a, "c": a}, np.arange(len(a)))
    assert (result.statistic, result.p) == (None, None)


def test_one_model_is_refused() -> None:
    with pytest.raises(UserError, match="at least two models"):
        cochrans_q({"a": np.array([True])}, np.arange(1))
