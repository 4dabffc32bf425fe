"""A measure of copies that shares no code and no idea with the project's own: plain thumbnails, correlated.

It decodes the archive by itself, shrinks every image to 32 x 32, takes the mean away, and correlates each image with
all others, in eight orientations made by numpy. It does not see shifted, cropped or rotated copies; the pairs that it
finds are beyond doubt.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

SIDE = 32


def thumbnails(archive: Path, ids: list[str]) -> NDArray[np.float32]:
    """N x 32 x 32, grey, mean 0 and length 1 each."""
    with zipfile.ZipFile(archive) as source:
        small = [
            np.asarray(
                Image.open(io.BytesIO(source.read(name))).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), float
            )
            for name in ids
        ]
    centred = np.stack(small) - np.mean(small, axis=(1, 2), keepdims=True)
    return (centred / np.linalg.norm(centred, axis=(1, 2), keepdims=True)).astype(np.float32)


def torn_pairs(
    images: NDArray[np.float32], one: NDArray[np.intp], other: NDArray[np.intp], above: float
) -> pd.DataFrame:
    """Pairs of the one side and the other whose correlation, in the best of eight orientations, is above a limit."""
    best = np.full((len(one), len(other)), -1, np.float32)
    flat = images[other].reshape(len(other), -1).T
    for quarter in range(4):
        turned = np.rot90(images[one], quarter, axes=(1, 2))
        for view in (turned, turned[:, :, ::-1]):
            np.maximum(best, np.ascontiguousarray(view).reshape(len(one), -1) @ flat, out=best)
    rows, columns = np.nonzero(best > above)
    return pd.DataFrame({"one": one[rows], "other": other[columns], "correlation": best[rows, columns]})
