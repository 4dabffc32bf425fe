"""Many small images made by code as one zip: smooth random textures, tumours as bright discs, patients, and copies."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtransfer.data.download.png_archive import write_pngs

SIZE = 32  # pixels a side
LABELS = ("healthy", "tumour")
SLICES = 10  # of a patient
COPIED = 20  # one image of so many is the one before it, mirrored
NODES = 12  # a side, of the grid that a texture is interpolated from
CHUNK = 5_000  # images drawn at a time
MEAN, CONTRAST, NOISE, BRIGHTER = 96.0, 28.0, 6.0, 70.0  # grey levels


def write_archive(path: Path, images: int, seed: int) -> None:
    """A zip of LABEL/pPATIENT_SLICE.png, grey."""
    write_pngs(_named(images, np.random.default_rng(seed)), path)


def _named(images: int, rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for start in range(0, images, CHUNK):
        count = min(CHUNK, images - start)
        labels = rng.integers(len(LABELS), size=count)
        labels[COPIED - 1 :: COPIED] = labels[COPIED - 2 : -1 : COPIED]
        for number, (label, pixels) in enumerate(zip(labels, draw(labels, rng), strict=True), start=start):
            yield f"{LABELS[label]}/p{number // SLICES:07d}_{number % SLICES}.png", pixels


def draw(labels: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images of some labels (0: healthy, 1: tumour), N x 32 x 32; each 20th is the one before it, mirrored."""
    count = len(labels)
    places = np.linspace(0, NODES - 1, SIZE)
    spread = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(NODES))).astype(np.float32)  # linear interpolation
    values = MEAN + CONTRAST * (spread @ rng.standard_normal((count, NODES, NODES), np.float32) @ spread.T)
    middles, radii = rng.uniform(8, SIZE - 8, (2, count, 1, 1)), rng.uniform(3, 6, (count, 1, 1))
    rows, columns = np.ogrid[:SIZE, :SIZE]
    discs = (rows - middles[0]) ** 2 + (columns - middles[1]) ** 2 < radii**2
    values += BRIGHTER * (discs & (labels == 1)[:, None, None])
    values += NOISE * rng.standard_normal(values.shape, np.float32)
    copies = values[COPIED - 2 : -1 : COPIED, :, ::-1]
    values[COPIED - 1 :: COPIED] = copies + rng.standard_normal(copies.shape, np.float32)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
