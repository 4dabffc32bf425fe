"""What near_duplicates.py measures on: the images of data sets as `prepare` sees them, and some of them changed."""

import io
import os
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from _changes import CHANGES, Change, Pixels
from numpy.typing import NDArray
from PIL import Image, ImageOps

from medtransfer.data.download import phantom
from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
from medtransfer.data.prepare import matlab
from medtransfer.data.prepare.decode import DEEP_MODES, stretched
from medtransfer.data.prepare.prepare import prepare
from medtransfer.orientations import ALL, UPRIGHT, oriented
from medtransfer.settings.datasets import Dataset

SIZE = 32  # pixels of the prepared images, which nothing here looks at
CHANGED = 43  # images of each set that are changed
SEED = 7


@dataclass(frozen=True)
class Originals:
    """A data set's images."""

    name: str
    index: pd.DataFrame  # id, label, patient, sha256, phash
    thumbnails: NDArray[np.uint8]  # N x 128 x 128
    chosen: dict[int, Pixels]  # by row, the grey pixels of those that are changed


@dataclass(frozen=True)
class Changed:
    """Changed images: a row each."""

    table: pd.DataFrame  # source (row of the original), change (its number), turned (whether it is in another pose)
    hashes: list[str]
    thumbnails: NDArray[np.uint8]


def originals(name: str, archive: Path, dataset: Dataset) -> Originals:
    """Decode all of an archive, and keep some images at their own size."""
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder, "images.npy")
        index = prepare(archive, dataset, SIZE, 1.0, images).index
        thumbnails = np.load(images.with_name("thumbnails.npy"))[..., 0]
    rows = np.unique(np.linspace(0, len(index) - 1, CHANGED).astype(int))
    with zipfile.ZipFile(archive) as source:
        chosen = {int(row): _grey(source.read(index["id"][row]), dataset) for row in rows}
    return Originals(name, index, thumbnails, chosen)


def made_by_code(name: str, dataset: Dataset) -> Originals:
    """The embedded set, made again from its seed."""
    source = dataset.source
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, f"{name}.zip")
        slices = phantom.generate(source.size, source.patients, source.slices_per_patient, source.seed)
        phantom.write_archive(slices, archive)
        return originals(name, archive, dataset)


def changed(sets: list[Originals]) -> Changed:
    """Every change of every chosen image, upright and in a random other orientation; rows count through all sets."""
    starts = np.cumsum([0, *(len(known.index) for known in sets)])
    sources = [
        (start + row, image) for start, known in zip(starts, sets, strict=False) for row, image in known.chosen.items()
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = [one for several in pool.map(lambda source: _all_changes(*source), sources) for one in several]
    rows, hashes, thumbnails = zip(*done, strict=True)
    return Changed(pd.DataFrame(rows, columns=["source", "change", "turned"]), list(hashes), np.stack(thumbnails))


def _all_changes(row: int, image: Pixels) -> list[tuple[tuple[int, int, bool], str, NDArray[np.uint8]]]:
    rng = np.random.default_rng([SEED, row])
    found = []
    for number, change in enumerate(CHANGES):
        other = change.make(image, rng)
        for pose in (UPRIGHT, int(rng.choice(ALL[1:]))) if change.turned else (UPRIGHT,):
            grey = Image.fromarray(np.ascontiguousarray(oriented(other, pose)))
            thumbnail = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR))  # as `decode` makes it
            found.append(((row, number, _is_turned(change, pose)), perceptual_hash(grey), thumbnail))
    return found


def _is_turned(change: Change, pose: int) -> bool:
    return pose != UPRIGHT or (not change.turned and change.name != "unchanged")


def _grey(content: bytes, dataset: Dataset) -> Pixels:
    """The grey pixels at their own size that `decode` takes its hash of."""
    if dataset.matlab is not None:
        return np.asarray(matlab.read_slice(content, dataset.matlab).image.convert("L"))
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image)
        if image.mode.startswith(DEEP_MODES):
            return np.asarray(stretched(np.asarray(upright)))
        return np.asarray(upright if image.mode == "L" else upright.convert("RGB").convert("L"))
