"""Prediction sets that hold the true class with a stated chance in every class: Mondrian split conformal prediction.

The guarantee and its limits. Calibration scores and the scores of a new image of the same class must be exchangeable,
group by group: then the set holds the class with a chance of at least the level, on average over calibration data, for
every class by itself (Vovk, Gammerman and Shafer 2005, section 4.5; Sadinle, Lei and Wasserman 2019). Here this is an
approximation. Calibration is out-of-fold: each score is of the model that left the image out, and what is tested is
another model, such as the mean of the folds. Development and test images are alike only as far as the split makes them
so. Coverage is therefore measured on the test set.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups, checked, checked_share
from medtransfer.evaluation.exchangeable import groups_needed, quantile_of_groups
from medtransfer.evaluation.predictions import Codes, Probabilities
from medtransfer.evaluation.resampling import draw_groups, mean_by_groups
from medtransfer.evaluation.shares import shares
from medtransfer.settings.errors import UserError
from medtransfer.store.interval import Interval

LEVEL = 0.9


@dataclass(frozen=True)
class Conformal:
    """What turns probabilities into sets of classes; K values each, in the order of the classes."""

    level: float
    classes: tuple[str, ...]
    quantiles: tuple[float, ...]  # of 1 - the probability of the true class
    images: tuple[int, ...]  # of each class that it was calibrated on
    groups: tuple[int, ...]

    def sets(self, probabilities: Probabilities) -> NDArray[np.bool_]:
        """Which classes are in each image's set: N x K. A set may be empty: no class is as likely as its images are."""
        return 1 - np.asarray(probabilities, np.float64) <= np.array(self.quantiles)


@dataclass(frozen=True)
class Coverage:
    """How prediction sets do on test images, with 95 % intervals."""

    overall: Interval  # share of sets that hold the true class
    per_class: tuple[Interval, ...]
    size: Interval  # mean number of classes in a set
    empty: Interval  # share of sets with no class
    single: Interval  # with one
    several: Interval  # with more


def fit_conformal(
    actual: Codes, probabilities: Probabilities, groups: Groups, classes: Sequence[str], level: float = LEVEL
) -> Conformal:
    """A quantile per class of 1 - the probability of the true class, on out-of-fold probabilities (N x K).

    Images of a group count as one (`quantile_of_groups`). Raises UserError, naming every class with too few groups: a
    level a needs n / (n + 1) >= a, so that 0.9 needs 9 groups of each class, and 0.95 needs 19.
    """
    table, groups = checked(actual, probabilities, groups), np.asarray(groups)
    checked_share(level, "the level of the prediction sets")
    if len(classes) != table.shape[1]:
        raise UserError(f"probabilities of {table.shape[1]} classes, and {len(classes)} names: name every class")
    rows = [actual == code for code in range(len(classes))]
    counts = [len(np.unique(groups[of_class])) for of_class in rows]
    scores = [1 - table[of_class, code] for code, of_class in enumerate(rows)]
    quantiles = [
        quantile_of_groups(score, groups[of_class], level) for score, of_class in zip(scores, rows, strict=True)
    ]
    short = [f"{name} has {number}" for name, number, q in zip(classes, counts, quantiles, strict=True) if q is None]
    if short:
        raise UserError(
            f"prediction sets with a level of {level} need {groups_needed(level)} groups of development images of each "
            f"class, and {', '.join(short)}: lower evaluate.coverage, or add images"
        )
    images = tuple(int(of_class.sum()) for of_class in rows)
    return Conformal(level, tuple(classes), tuple(q for q in quantiles if q is not None), images, tuple(counts))


def coverage(conformal: Conformal, actual: Codes, probabilities: Probabilities, groups: Groups) -> Coverage:
    """Of the sets of N test images; raises UserError where a class has no image among them."""
    table = checked(actual, probabilities, groups)
    missing = [name for code, name in enumerate(conformal.classes) if not (actual == code).any()]
    if missing:
        raise UserError(f"no test image is of {', '.join(missing)}: choose a split with every class in the test set")
    sets = conformal.sets(table)
    size = sets.sum(axis=1)
    covered = sets[np.arange(len(sets)), actual]
    of_class = actual[:, np.newaxis] == np.arange(len(conformal.classes))
    everywhere = np.ones((len(sets), 4), dtype=bool)
    hits = np.concatenate(
        [np.stack([covered, size == 0, size == 1, size > 1], axis=1), covered[:, np.newaxis] & of_class], axis=1
    )
    overall, empty, single, several, *per_class = shares(
        hits, np.concatenate([everywhere, of_class], axis=1), groups, draw_groups(groups)
    )
    return Coverage(overall, tuple(per_class), mean_by_groups(size, groups), empty, single, several)
