"""Maps of different sizes on one grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def together(maps: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """The mean of several models' maps (each N x h x w), on the grid of the finest."""
    finest = max((each.shape[1:] for each in maps), key=lambda shape: shape[0] * shape[1])
    return np.mean([each if each.shape[1:] == finest else cell_by_cell(each, finest) for each in maps], axis=0)


def cell_by_cell(maps: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float32]:
    """Maps (N x h x w) at an image's (height, width), for measuring: N x H x W."""
    large = [enlarged(each, size, smooth=False) for each in maps]
    return np.array(large, np.float32).reshape(len(maps), *size)


def enlarged(heat_map: NDArray[np.floating], size: tuple[int, int], smooth: bool) -> NDArray[np.float32]:
    """One map at an image's (height, width): smooth for the eye, cell by cell for measuring.

    Smoothing moves the maximum of a coarse map to its border, where no map of so few cells can mean to point.
    """
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    image = Image.fromarray(np.asarray(heat_map, np.float32)).resize((size[1], size[0]), resampling)
    return np.asarray(image).clip(0, 1)
