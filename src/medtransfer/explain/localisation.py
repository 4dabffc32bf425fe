"""How far heat falls on the lesion, beside what chance would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Localisation:
    """Means over images that have a lesion mask; all in 0..1."""

    images: int
    pointing_game: float  # chance that a pixel of the hottest cell lies on the lesion (after Zhang et al. 2018)
    energy_inside: float  # share of the heat that lies on the lesion (Wang et al. 2020)
    chance: float  # share of the image that is lesion: what heat spread evenly would score


def localise(heat: NDArray[np.floating], masks: NDArray[np.bool_]) -> Localisation | None:
    """Scores of heat maps against lesion masks (both N x H x W, N >= 1); None where no mask has a lesion.

    Heat is enlarged cell by cell, so that the hottest place is the whole hottest cell of a coarse map. A map
    that is zero everywhere points nowhere: it scores 0 on both.
    """
    with_lesion = masks.any(axis=(1, 2))
    if not with_lesion.any():
        return None
    shape = int(with_lesion.sum()), -1
    heat, masks = heat[with_lesion].reshape(shape), masks[with_lesion].reshape(shape)
    total = heat.sum(axis=1)
    inside = np.where(masks, heat, 0).sum(axis=1)
    hottest = (heat == heat.max(axis=1, keepdims=True)) & (total > 0)[:, None]
    pointing = (hottest & masks).sum(axis=1) / np.maximum(hottest.sum(axis=1), 1)
    energy = np.divide(inside, total, out=np.zeros_like(inside), where=total > 0)
    return Localisation(len(heat), float(pointing.mean()), float(energy.mean()), float(masks.mean()))
