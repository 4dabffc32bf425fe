"""Three models and more over the same folds: Friedman's test, Nemenyi's, and the critical difference of ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from medtransfer.comparison.families import pairs_of
from medtransfer.comparison.folds import SINGLE_PART
from medtransfer.settings.errors import UserError

ENOUGH = 10  # folds, from which on chi-square is close
ASSUMES = (
    "It assumes that folds are independent. They share training images, so they are not, and differences may "
    "look surer than they are."
)


@dataclass(frozen=True)
class Ranking:
    """The models by their mean rank over folds; rank 1 is the best of a fold, ties share ranks."""

    mean_ranks: dict[str, float]  # best first
    folds: int
    statistic: float | None  # Friedman's chi-square, corrected for ties; None, as p, where all ranks are tied
    degrees_of_freedom: int
    p: float | None
    critical_difference: float  # mean ranks that are closer cannot be told apart
    nemenyi: list[tuple[str, str, float]]  # two models, and p for the family of all pairs
    alike: list[list[str]]  # the largest sets of models, neighbours in rank, that cannot be told apart
    assumes: str


def ranking(scores: Mapping[str, Sequence[float]], higher_is_better: bool = True, level: float = 0.05) -> Ranking:
    """Friedman's test with Nemenyi's (Demsar 2006, section 3.2.2) over the folds of at least three models.

    The critical difference is q sqrt(K (K + 1) / (6 n)), q the studentised range's quantile over sqrt(2). Raises
    UserError for fewer models or folds, or where scores are NaN.
    """
    from scikit_posthocs import posthoc_nemenyi_friedman
    from scipy import stats

    table = _table(scores) * (-1 if higher_is_better else 1)
    folds, models = table.shape
    ranks = stats.rankdata(table, axis=1)
    mean = dict(zip(scores, ranks.mean(axis=0), strict=True))
    order = sorted(mean, key=lambda name: mean[name])
    tied = bool((ranks == ranks[:, :1]).all())
    friedman = None if tied else stats.friedmanchisquare(*ranks.T)
    quantile = float(stats.studentized_range.ppf(1 - level, models, np.inf)) / 2**0.5
    critical = quantile * (models * (models + 1) / (6 * folds)) ** 0.5
    p = posthoc_nemenyi_friedman(ranks).to_numpy()
    number = {name: code for code, name in enumerate(scores)}
    rough = "" if folds >= ENOUGH else f" With {folds} folds the chi-square of Friedman's test is rough."
    return Ranking(
        {name: float(mean[name]) for name in order},
        folds,
        None if friedman is None else float(friedman.statistic),
        models - 1,
        None if friedman is None else float(friedman.pvalue),
        critical,
        [(a, b, float(p[number[a], number[b]])) for a, b in pairs_of(scores)],
        _alike([(name, float(mean[name])) for name in order], critical),
        ASSUMES + rough,
    )


def _table(scores: Mapping[str, Sequence[float]]) -> np.ndarray:
    """A row a fold, a column a model."""
    if len(scores) < 3:
        raise UserError("Friedman's test compares at least three models; add one to study.models.")
    if len({len(each) for each in scores.values()}) > 1:
        raise UserError("Friedman's test needs the same folds of all models; train them again.")
    table = np.round(np.array(list(scores.values()), float).T, 12)  # ties to the last bit
    if len(table) < 2:
        raise UserError(SINGLE_PART)
    if not np.isfinite(table).all():
        raise UserError("Friedman's test needs a score of every model in every fold, but one is not a number.")
    return table


def _alike(ranked: Sequence[tuple[str, float]], critical: float) -> list[list[str]]:
    """The runs of models, best first, that lie within the critical difference and in no longer run."""
    runs: list[list[str]] = []
    for start, (_, best) in enumerate(ranked):
        run = [name for name, rank in ranked[start:] if rank - best < critical]
        if len(run) > 1 and not any(set(run) <= set(longer) for longer in runs):
            runs.append(run)
    return runs
