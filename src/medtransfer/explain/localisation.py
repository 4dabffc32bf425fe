"""How far saliency maps fall on the lesion, beside what chance would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.grids import enlarged
from medtransfer.explain.sample import Sample
from medtransfer.store.records import MethodScores


@dataclass(frozen=True)
class Localisation:
    """Means over images that have a lesion mask; all in 0..1."""

    images: int
    pointing_game: float  # chance that a pixel of the highest cell lies on the lesion (after Zhang et al. 2018)
    energy_inside: float  # share of the map's sum that lies on the lesion (Wang et al. 2020)
    chance: float  # share of the image that is lesion: what a uniform map would score


def score(key: str, title: str, maps: NDArray[np.floating], sample: Sample) -> MethodScores:
    """Scores of a method's maps (N x h x w, of the sample's images) over the images that were predicted right."""
    height, width = maps.shape[1:]
    masks = [mask for number in sample.outlined if (mask := sample.cases[number].mask) is not None]
    result = None
    if masks:
        size = masks[0].shape[0], masks[0].shape[1]
        result = localise(
            np.stack([enlarged(maps[number], size, smooth=False) for number in sample.outlined]), np.stack(masks)
        )
    if result is None:
        return MethodScores(key, title, (height, width), 0, None, None, None)
    values = result.pointing_game, result.energy_inside, result.chance
    return MethodScores(key, title, (height, width), result.images, *values)


def localise(maps: NDArray[np.floating], masks: NDArray[np.bool_]) -> Localisation | None:
    """Scores of maps against lesion masks (both N x H x W, N >= 1); None where no mask has a lesion.

    Maps are enlarged cell by cell, so that the highest place is the whole highest cell of a coarse map. A map
    that is zero everywhere points nowhere: it scores 0 on both.
    """
    with_lesion = masks.any(axis=(1, 2))
    if not with_lesion.any():
        return None
    shape = int(with_lesion.sum()), -1
    maps, masks = maps[with_lesion].reshape(shape), masks[with_lesion].reshape(shape)
    total = maps.sum(axis=1)
    inside = np.where(masks, maps, 0).sum(axis=1)
    highest = (maps == maps.max(axis=1, keepdims=True)) & (total > 0)[:, None]
    pointing = (highest & masks).sum(axis=1) / np.maximum(highest.sum(axis=1), 1)
    energy = np.divide(inside, total, out=np.zeros_like(inside), where=total > 0)
    return Localisation(len(maps), float(pointing.mean()), float(energy.mean()), float(masks.mean()))
