"""TESTS: every statistical test between two models, one row each. To add a test, write its function and its row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # n >= 2: a model's score in every fold


@dataclass(frozen=True)
class Difference:
    """What a test says of a - b over folds; None is what the test does not have, or what is undefined."""

    mean_difference: float
    standard_deviation: float  # of the differences, with n - 1
    statistic: float | None
    p: float | None  # two-sided
    folds: int
    interval: tuple[float, float] | None = None  # the difference's, 95 %


@dataclass(frozen=True)
class Test:
    """One test of the scores of two models on the same folds."""

    __test__ = False  # pytest takes classes of this name for tests of its own

    title: str
    symbol: str  # of the statistic
    function: Callable[[Scores, Scores], Difference]
    assumes: str  # a sentence or two; what it means where this does not hold


def compare_pairs(scores: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, str, str, Difference]]:
    """Each two models, by each of TESTS: the models' names, the test's key, and what it says.

    `scores` has the same folds of every model, else ValueError; a single fold leaves nothing to test.
    """
    for a, b in combinations(scores, 2):
        if len(scores[a]) != len(scores[b]):
            raise ValueError(f"{a} and {b} have not the same folds")
        if len(scores[a]) > 1:
            for key, test in TESTS.items():
                yield a, b, key, test.function(np.array(scores[a]), np.array(scores[b]))


def paired_t(a: Scores, b: Scores) -> Difference:
    """Student's paired t-test, with n - 1 degrees of freedom.

    t and p are None where every fold differs by the same amount.
    """
    from scipy import stats

    differences = a - b
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    # Equal differences are rarely equal to the last bit.
    if deviation <= 1e-12 * max(1.0, abs(mean)):
        return Difference(mean, 0.0, None, None, len(differences))
    result = stats.ttest_rel(a, b)
    return Difference(mean, deviation, float(result.statistic), float(result.pvalue), len(differences))


TESTS: dict[str, Test] = {
    "paired t": Test(
        "paired t-test",
        "t",
        paired_t,
        "It assumes that the differences between folds are independent. Folds share training images, so they are "
        "not, and p is too small. With few folds the test finds only large differences.",
    ),
}
