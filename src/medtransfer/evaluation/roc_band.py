"""The uncertainty of a ROC curve: the sensitivity at each false positive rate, over resampled groups."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.resampling import LEVEL, Draws

GRID = np.linspace(0, 1, 51)  # false positive rates
CHUNK = 2**20  # elements of an array of some resamples x images


def roc_band(positive: NDArray[np.bool_], score: NDArray[np.floating], draws: Draws) -> pd.DataFrame:
    """Columns false_positive_rate, low, high: a pointwise 95 % band of a class against the rest, by groups.

    `positive` and `score` are of N images. The band is vertical averaging's (Fawcett 2006, section 7): percentiles of
    the resampled curves' sensitivity at fixed rates. Resamples without positives or without negatives are left out.
    """
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.diff(score[order], append=-np.inf))  # a curve's points: the last image of each score
    truth, images = positive[order], len(score)
    sensitivities = []
    size = max(1, CHUNK // images)
    for start in range(0, len(draws.counts), size):
        counts = draws.of_images(slice(start, start + size))[:, order]
        true, false = np.cumsum(counts * truth, axis=1)[:, ends], np.cumsum(counts * ~truth, axis=1)[:, ends]
        for hits, alarms in zip(true, false, strict=True):
            if hits[-1] and alarms[-1]:
                x, y = np.append(0, alarms / alarms[-1]), np.append(0, hits / hits[-1])
                sensitivities.append(np.interp(GRID, x, y))
    if not sensitivities:
        return pd.DataFrame({"false_positive_rate": [], "low": [], "high": []})
    low, high = np.quantile(sensitivities, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return pd.DataFrame({"false_positive_rate": GRID, "low": low, "high": high})
