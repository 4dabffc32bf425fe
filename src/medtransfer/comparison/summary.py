"""Everything that is said of each two models: on the held-out images first, then over folds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy.typing import NDArray

from medtransfer.comparison.bootstrap import BootstrapDifference, Resampled, bootstrap_difference
from medtransfer.comparison.by_architecture import ByArchitecture
from medtransfer.comparison.critical_difference import Ranking, ranking
from medtransfer.comparison.families import holm, pairs_of
from medtransfer.comparison.held_out import HeldOutComparison, HeldOutPair, compare_held_out
from medtransfer.comparison.rows import HeldOut
from medtransfer.comparison.sentences import Evidence, sentence

ENOUGH_GROUPS = 20
Values = Mapping[str, float]  # by metric


@dataclass(frozen=True)
class Scored:
    """One model on N held-out images."""

    images: HeldOut
    values: Values
    resampled: Mapping[str, Resampled]  # by metric: B values of the same draws of groups for every model


@dataclass(frozen=True)
class MetricDifference:
    """A metric's difference a - b on the held-out images, by the paired bootstrap over groups."""

    a: str
    b: str
    metric: str
    difference: float
    interval: tuple[float, float] | None  # 95 %; None where no resample has a value, or all have the same
    p: float | None  # None where no resample has a value, and of fewer groups than ENOUGH_GROUPS
    holm_p: float | None  # for the family of pairs of this metric


@dataclass(frozen=True)
class HeldOutResults:
    """What the held-out images say; of a single model, nothing."""

    images: int
    groups: int
    baseline: str | None
    accuracy: dict[str, float]  # of every model, of the predictions that are compared
    tests: HeldOutComparison | None
    differences: list[MetricDifference]
    sentences: list[str]  # one for each pair of `tests`
    ranking: Ranking | None  # by accuracy over folds, of three models and more
    by_architecture: list[ByArchitecture] = field(default_factory=list)  # of those contrasts that the recipes allow


def summarise(
    models: Mapping[str, Scored],
    groups: NDArray,
    classes: list[int],
    baseline: str | None,
    fold_accuracy: Mapping[str, list[float]],
) -> HeldOutResults:
    """All tests of the held-out images. `groups` has the group of each image, AUC is the mean over `classes`.

    Raises UserError where models are scored on different rows.
    """
    images, distinct = len(groups), len(set(groups.tolist()))
    accuracy = {name: float(model.images.right.mean()) for name, model in models.items()}
    if len(models) < 2:
        return HeldOutResults(images, distinct, baseline, accuracy, None, [], [], None)
    tests = compare_held_out({name: model.images for name, model in models.items()}, groups, classes, baseline)
    metrics = next(iter(models.values())).values
    differences = [each for metric in metrics for each in _differences(models, metric, baseline, distinct)]
    by_auc = {(each.a, each.b): each.holm_p for each in differences if each.metric == "roc_auc"}
    sentences = [sentence(_evidence(pair, len(tests.pairs), by_auc)) for pair in tests.pairs]
    enough = len(models) > 2 and all(len(scores) > 1 for scores in fold_accuracy.values())
    ranks = ranking(fold_accuracy) if enough else None
    return HeldOutResults(images, distinct, baseline, accuracy, tests, differences, sentences, ranks)


def _differences(
    models: Mapping[str, Scored], metric: str, baseline: str | None, groups: int
) -> list[MetricDifference]:
    pairs = pairs_of(models, baseline)
    differences = [_of_metric(models[a], models[b], metric) for a, b in pairs]
    # With fewer groups the bootstrap's p is below 0.05 in 10 to 30 of 100 cases without a difference.
    p = [each.p if groups >= ENOUGH_GROUPS else None for each in differences]
    corrected = holm(p)
    return [
        MetricDifference(
            a,
            b,
            metric,
            each.difference.value,
            (each.difference.low, each.difference.high) if each.difference.low < each.difference.high else None,
            of_pair,
            holm_p,
        )
        for (a, b), each, of_pair, holm_p in zip(pairs, differences, p, corrected, strict=True)
    ]


def _of_metric(a: Scored, b: Scored, metric: str) -> BootstrapDifference:
    return bootstrap_difference(a.values[metric], b.values[metric], a.resampled[metric], b.resampled[metric])


def _evidence(pair: HeldOutPair, family: int, by_auc: Mapping[tuple[str, str], float | None]) -> Evidence:
    return Evidence(
        pair.a,
        pair.b,
        pair.accuracy.difference,
        pair.accuracy_holm_p,
        family,
        pair.accuracy.images,
        pair.accuracy.groups,
        pair.detectable.difference,
        groups_are="groups of alike images",
        other_p={"the test of AUC by groups": by_auc.get((pair.a, pair.b))},
    )
