"""How far saliency maps fall on the lesion, beside what chance would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.grids import enlarged
from medtransfer.explain.sample import Sample
from medtransfer.resampling import mean_by_groups
from medtransfer.store.records import MethodScores


@dataclass(frozen=True)
class Localisation:
    """Of N images that have a lesion; all in 0..1."""

    pointing_game: NDArray[np.float64]  # chance that a pixel of the highest cell lies on the lesion (Zhang et al. 2018)
    energy_inside: NDArray[np.float64]  # share of the map's sum that lies on the lesion (Wang et al. 2020)
    chance: NDArray[np.float64]  # share of the image that is lesion: what a uniform map would score


def score(key: str, title: str, maps: NDArray[np.floating], sample: Sample) -> MethodScores:
    """Scores of a method's maps (N x h x w, of the sample's images) over the images that were predicted right.

    What they are above chance is paired by image, and its interval resamples groups.
    """
    height, width = maps.shape[1:]
    numbers = [n for n in sample.outlined if (mask := sample.cases[n].mask) is not None and mask.any()]
    if not numbers:
        return MethodScores(key, title, (height, width), 0, None, None, None)
    masks = np.stack([mask for n in numbers if (mask := sample.cases[n].mask) is not None])
    size = masks.shape[1], masks.shape[2]
    result = localise(np.stack([enlarged(maps[number], size, smooth=False) for number in numbers]), masks)
    groups = np.array([sample.cases[number].group for number in numbers])
    return MethodScores(
        key,
        title,
        (height, width),
        len(numbers),
        float(result.pointing_game.mean()),
        float(result.energy_inside.mean()),
        float(result.chance.mean()),
        len(np.unique(groups)),
        mean_by_groups(result.pointing_game - result.chance, groups),
        mean_by_groups(result.energy_inside - result.chance, groups),
    )


def localise(maps: NDArray[np.floating], masks: NDArray[np.bool_]) -> Localisation:
    """Scores of maps against lesion masks (both N x H x W); every mask has a lesion.

    Maps are enlarged cell by cell, so that the highest place is the whole highest cell of a coarse map. A map
    that is zero everywhere points nowhere: it scores 0 on both.
    """
    maps, masks = maps.reshape(len(maps), -1), masks.reshape(len(masks), -1)
    total = maps.sum(axis=1)
    inside = np.where(masks, maps, 0).sum(axis=1)
    highest = (maps == maps.max(axis=1, keepdims=True)) & (total > 0)[:, None]
    pointing = (highest & masks).sum(axis=1) / np.maximum(highest.sum(axis=1), 1)
    energy = np.divide(inside, total, out=np.zeros_like(inside), where=total > 0)
    return Localisation(pointing, np.asarray(energy, np.float64), masks.mean(axis=1))
