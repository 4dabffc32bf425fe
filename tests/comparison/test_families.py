"""The pairs that are compared, and Holm's correction by a worked case."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from medtransfer.comparison.families import holm, pairs_of
from medtransfer.settings.errors import UserError


def test_holms_worked_case() -> None:
    """Four p: the smallest by 4, the next by 3, and none below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_is_statsmodels() -> None:
    p = np.random.default_rng(0).beta(0.3, 3, 60).round(3)  # with ties, and above 1 when corrected
    assert holm(list(p)) == pytest.approx(list(multipletests(p, method="holm")[1]))


def test_what_is_undefined_stays_so_and_counts() -> None:
    assert holm([0.02, None]) == [0.04, None]
    assert holm([]) == []


def test_pairs_are_all_or_each_with_the_baseline() -> None:
    assert pairs_of("abc") == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs_of("abc", "b") == [("a", "b"), ("c", "b")]


def test_no_family_is_refused() -> None:
    with pytest.raises(UserError, match="needs two models"):
        pairs_of(["a"])
    with pytest.raises(UserError, match="The baseline d is not among the models that are compared: a, b"):
        pairs_of("ab", "d")
