"""Properties of test images by which accuracy may differ: lesion size, sharpness, distance to development images."""

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = 32  # a side of the thumbnails that are correlated
BATCH = 256  # test images that are correlated at a time


def lesion_shares(ids: Sequence[str], masks: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.float64]:
    """The share of each image that is lesion (N, above 0 to 1); NaN where an image has no mask, or an empty one."""
    shares = np.array([masks[id].mean() if id in masks else np.nan for id in ids], dtype=float)
    shares[shares == 0] = np.nan
    return shares


def sharpness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The variance of the Laplacian of each of N x H x W x C images, in squared grey levels (Pech-Pacheco 2000).

    Noise and high contrast raise it too. It is that of the prepared image, at its size.
    """
    return np.array([cv2.Laplacian(image.mean(axis=-1, dtype=np.float32), cv2.CV_32F).var() for image in images], float)


def distances(test: NDArray[np.uint8], development: NDArray[np.uint8]) -> NDArray[np.float64]:
    """From each of N thumbnails to the nearest of M, both x S x S (x 1): 1 - their correlation, 0..2.

    Thumbnails are reduced to 32 x 32; S is a multiple of that. The best of the eight orientations counts. An even
    thumbnail correlates with nothing.
    """
    others = _standardised(_cells(development)).T
    nearest = np.full(len(test), -np.inf)
    for start in range(0, len(test), BATCH):
        cells = _cells(test[start : start + BATCH])
        for turned in _orientations(cells):
            best = (_standardised(turned) @ others).max(axis=1)
            nearest[start : start + BATCH] = np.maximum(nearest[start : start + BATCH], best)
    return 1 - np.clip(nearest, -1, 1)


def _cells(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means of blocks: N x 32 x 32."""
    size = thumbnails.shape[1] // CELLS
    return thumbnails.reshape(len(thumbnails), CELLS, size, CELLS, size).mean(axis=(2, 4), dtype=np.float32)


def _orientations(cells: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for side in (cells, cells[:, :, ::-1]):
        for turns in range(4):
            yield np.rot90(side, turns, axes=(1, 2))


def _standardised(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """N x 1024: rows of mean 0 and length 1; zeros of an even image."""
    rows = cells.reshape(len(cells), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-3)
