"""TESTS: every statistical test between two models, one row each. To add a test, write its function and its row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medtransfer.comparison.families import holm, pairs_of
from medtransfer.comparison.folds import ROPE, SAME, Difference, PairedScores
from medtransfer.evaluation.resampling import LEVEL
from medtransfer.settings.errors import UserError

ALIKE = "Every fold differs by the same amount, so the test is undefined."
LEAST = 6  # folds with a difference, for Wilcoxon's p below 0.05


@dataclass(frozen=True)
class Test:
    """One test of the scores of two models on the same folds."""

    __test__ = False  # pytest takes classes of this name for tests of its own

    title: str
    symbol: str  # of the statistic; empty of a test without one
    function: Callable[[PairedScores], Difference]
    assumes: str  # a sentence or two; what it means where this does not hold


@dataclass(frozen=True)
class Folds:
    """How the folds were made, and what difference would matter: what `PairedScores` has besides scores."""

    repeats: int = 1
    test_to_training: float | None = None
    rope: float = ROPE


def compare_pairs(
    scores: Mapping[str, Sequence[float]], folds: Folds | None = None, baseline: str | None = None
) -> Iterator[tuple[str, str, str, Difference]]:
    """Each two models, by each of TESTS: the models' names, the test's key, and what it says.

    With a `baseline`, each other model against it alone. `holm_p` is p by Holm over all these pairs, for each test.
    `scores` has the same folds of every model, else UserError; a single model or fold leaves nothing to test.
    """
    if len(scores) < 2 or all(len(each) == 1 for each in scores.values()):
        return
    chosen, rest = folds or Folds(), pairs_of(scores, baseline)
    pairs = {pair: _paired(scores, pair, chosen) for pair in rest}
    by_test = {key: [test.function(each) for each in pairs.values()] for key, test in TESTS.items()}
    corrected = {key: holm([each.p for each in results]) for key, results in by_test.items()}
    for number, (a, b) in enumerate(pairs):
        for key in TESTS:
            difference = by_test[key][number]
            note = " ".join(filter(None, [pairs[a, b].layout, difference.note]))
            yield a, b, key, replace(difference, holm_p=corrected[key][number], note=note)


def _paired(scores: Mapping[str, Sequence[float]], pair: tuple[str, str], folds: Folds) -> PairedScores:
    a, b = pair
    try:
        return PairedScores(np.array(scores[a], float), np.array(scores[b], float), **vars(folds))
    except UserError as error:
        raise UserError(f"{a} and {b} cannot be compared over folds: {error}") from None


def paired_t(scores: PairedScores) -> Difference:
    """Student's paired t-test, with n - 1 degrees of freedom, and its interval.

    t, p and the interval are None where every fold differs by the same amount.
    """
    return _t_test(scores, 1 / len(scores.a))


def corrected_t(scores: PairedScores) -> Difference:
    """The corrected resampled t-test (Nadeau and Bengio 2003), for repeated folds too (Bouckaert and Frank 2004).

    The variance of the mean is that of the differences times 1/n + n2/n1, with n2/n1 test to training images.
    """
    return _t_test(scores, 1 / len(scores.a) + scores.ratio)


def interval_of_mean(scores: NDArray[np.float64], repeats: int = 1) -> tuple[float, float] | None:
    """Of n shares, by the corrected t-test, cut at 0 and 1; None of one share, and of equal ones."""
    if len(scores) < 2:
        return None
    interval = corrected_t(PairedScores(scores, np.zeros(len(scores)), repeats)).interval
    return None if interval is None else (max(0.0, interval[0]), min(1.0, interval[1]))


def _t_test(scores: PairedScores, factor: float) -> Difference:
    from scipy import stats

    mean, deviation, folds = scores.mean, scores.deviation, len(scores.a)
    if not deviation:
        return Difference(mean, 0.0, None, None, folds, note=ALIKE)
    error = deviation * factor**0.5
    half = float(stats.t.ppf((1 + LEVEL) / 2, folds - 1)) * error
    p = float(2 * stats.t.sf(abs(mean) / error, folds - 1))
    return Difference(mean, deviation, mean / error, p, folds, (mean - half, mean + half))


def wilcoxon(scores: PairedScores) -> Difference:
    """Wilcoxon's signed-rank test (1945), exact for up to 13 folds; folds without a difference are left out.

    The statistic and p are None where no fold differs.
    """
    from scipy import stats

    difference = Difference(scores.mean, scores.deviation, None, None, len(scores.a))
    differences = scores.differences
    differences = differences[np.abs(differences) > SAME]
    if not len(differences):
        return replace(difference, note="No fold differs, so the test is undefined.")
    result = stats.wilcoxon(np.round(differences, 12))
    note = ""
    if len(differences) < LEAST:
        least = 2.0 ** (1 - len(differences))
        folds = "1 fold that differs" if len(differences) == 1 else f"{len(differences)} folds that differ"
        note = f"With {folds}, p is {least:g}{' or more' if least < 1 else ''}, so the test can find nothing."
    return replace(difference, statistic=float(result.statistic), p=float(result.pvalue), note=note)


def bayesian_t(scores: PairedScores) -> Difference:
    """The Bayesian correlated t-test: how probable it is that a is higher, equivalent to b within the rope, lower.

    Corani and Benavoli (2015); Benavoli et al. (2017), section 3. The correlation of folds is taken as 1/k. The
    probabilities are None where every fold differs by the same amount.
    """
    from baycomp import CorrelatedTTest

    difference = Difference(scores.mean, scores.deviation, None, None, len(scores.a))
    if not scores.deviation:
        return replace(difference, note=ALIKE)
    below, *within, above = CorrelatedTTest.probs(scores.b, scores.a, rope=scores.rope, runs=scores.repeats)
    return replace(difference, probabilities=(float(above), float(within[0]) if within else 0.0, float(below)))


TESTS: dict[str, Test] = {
    "paired t": Test(
        "paired t-test",
        "t",
        paired_t,
        "It assumes that the differences between folds are independent. Folds share training images, so they are "
        "not, and p can be too small. With few folds the test finds only large differences.",
    ),
    "corrected t": Test(
        "corrected t-test",
        "t",
        corrected_t,
        "It assumes that folds are correlated by the share of images that a fold leaves out (Nadeau and Bengio 2003); "
        "the true correlation is unknown. In simulations of 3 folds without a true difference, p is below 0.05 in 2 to "
        "5 % of cases, and in 4 to 11 % by the paired t-test: more where a model depends on single training images.",
    ),
    "wilcoxon": Test(
        "Wilcoxon test",
        "W",
        wilcoxon,
        "It assumes that the differences between folds are independent and spread evenly about their median. Folds "
        "share training images, so they are not independent. With five folds or fewer, p is never below 0.05.",
    ),
    "bayesian t": Test(
        "Bayesian correlated t-test",
        "",
        bayesian_t,
        "It gives probabilities, not p: that the first model is higher, that both are equivalent (they differ by no "
        "more than compare.equivalence in params.yaml), and that it is lower. It assumes that folds are correlated by "
        "1 / folds, as the corrected t-test does, and that nothing was known of the difference before.",
    ),
}
