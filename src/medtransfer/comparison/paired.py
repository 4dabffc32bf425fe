"""The paired t-test over folds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats


@dataclass(frozen=True)
class PairedTest:
    """Of a - b over folds. `t` and `p` are None where every fold differs by the same amount."""

    mean_difference: float
    standard_deviation: float  # of the differences, with n - 1
    t: float | None
    p: float | None  # two-sided
    folds: int


def paired_t_test(a: NDArray[np.floating], b: NDArray[np.floating]) -> PairedTest:
    """Student's t of the differences of two models' scores on the same folds (each of length n >= 2).

    t = mean / (standard deviation / sqrt(n)), with n - 1 degrees of freedom. Folds share training images, so
    the differences are not independent and p is too small; it is what the papers report.
    """
    differences = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    if differences.ndim != 1 or len(differences) < 2:
        raise ValueError("a paired test needs the scores of at least two folds")
    n = len(differences)
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    # Equal differences are rarely equal to the last bit.
    if deviation <= 1e-12 * max(1.0, abs(mean)):
        return PairedTest(mean, 0.0, None, None, n)
    t = mean / (deviation / np.sqrt(n))
    return PairedTest(mean, deviation, float(t), float(2 * stats.t.sf(abs(t), n - 1)), n)
