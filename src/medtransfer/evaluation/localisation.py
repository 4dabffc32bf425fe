"""How far saliency maps fall on the lesion, beside what chance would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.resampling import mean_by_groups
from medtransfer.store.records import MethodScores


@dataclass(frozen=True)
class Localisation:
    """Of N images that have a lesion; all in 0..1."""

    pointing_game: NDArray[np.float64]  # chance that a pixel of the highest cell lies on the lesion (Zhang et al. 2018)
    energy_inside: NDArray[np.float64]  # share of the map's sum that lies on the lesion (Wang et al. 2020)
    chance: NDArray[np.float64]  # share of the image that is lesion: what a uniform map would score


def score(
    method: str,
    title: str,
    cells: tuple[int, int],
    maps: NDArray[np.floating],
    masks: NDArray[np.bool_],
    groups: Sequence[str],
) -> MethodScores:
    """Scores of one of a method's maps over N images. `cells` is its height and width before it was enlarged.

    `maps` and `masks` are N x H x W, and every mask has a lesion; `groups` names the group of each image. What scores
    are above chance is paired by image, and its interval resamples groups.
    """
    if not len(maps):
        return MethodScores(method, title, cells, 0, None, None, None)
    result, group_of_image = localise(maps, masks), np.array(groups)
    return MethodScores(
        method,
        title,
        cells,
        len(maps),
        float(result.pointing_game.mean()),
        float(result.energy_inside.mean()),
        float(result.chance.mean()),
        len(np.unique(group_of_image)),
        mean_by_groups(result.pointing_game - result.chance, group_of_image),
        mean_by_groups(result.energy_inside - result.chance, group_of_image),
    )


def localise(maps: NDArray[np.floating], masks: NDArray[np.bool_]) -> Localisation:
    """Scores of maps against lesion masks (both N x H x W); every mask has a lesion.

    Maps must be enlarged cell by cell, so that the highest place is the whole highest cell of a coarse map. A map
    that is zero everywhere points nowhere: it scores 0 on both.
    """
    maps, masks = maps.reshape(len(maps), -1), masks.reshape(len(masks), -1)
    total = maps.sum(axis=1)
    inside = np.where(masks, maps, 0).sum(axis=1)
    highest = (maps == maps.max(axis=1, keepdims=True)) & (total > 0)[:, None]
    pointing = (highest & masks).sum(axis=1) / np.maximum(highest.sum(axis=1), 1)
    energy = np.divide(inside, total, out=np.zeros_like(inside), where=total > 0)
    return Localisation(pointing, np.asarray(energy, np.float64), masks.mean(axis=1))
