"""The images that recall is measured on: all of a data set as `prepare` reads them, and some of them changed."""

import os
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from bench.near_duplicates.changes import CHANGES, Change, Pixels
from medtransfer.data.download import phantom
from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
from medtransfer.data.prepare import matlab
from medtransfer.data.prepare.decode import read_picture
from medtransfer.data.prepare.prepare import prepare
from medtransfer.settings.datasets import Dataset, PhantomSource
from medtransfer.store.orientations import ALL, UPRIGHT, oriented

SIZE = 32  # pixels of the prepared images, which nothing here looks at
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


def originals(name: str, archive: Path, dataset: Dataset, count: int) -> Originals:
    """Decode all of an archive, and keep `count` images at their own size, at even steps through the set."""
    small = dataset.model_copy(update={"image_size": SIZE})
    with tempfile.TemporaryDirectory() as folder:
        images, thumbnails = Path(folder, "images.npy"), Path(folder, "thumbnails.npy")
        index = prepare(archive, small, 1.0, images, thumbnails).index
        looks = np.load(thumbnails)[..., 0]
    rows = np.unique(np.linspace(0, len(index) - 1, count).astype(int))
    with zipfile.ZipFile(archive) as source:
        chosen = {int(row): _grey(source.read(index["id"][row]), dataset) for row in rows}
    return Originals(name, index, looks, chosen)


def made_by_code(name: str, dataset: Dataset, count: int) -> Originals:
    """The embedded set, made again from its seed."""
    source = dataset.source
    assert isinstance(source, PhantomSource)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, f"{name}.zip")
        slices = phantom.generate(source.size, source.patients, source.slices_per_patient, source.seed)
        phantom.write_archive(slices, archive)
        return originals(name, archive, dataset, count)


def changed(sets: list[Originals], every: int = 1) -> Changed:
    """Every so-many-th change of every chosen image, upright and in a random other orientation.

    Sources are rows of all sets, one set after another.
    """
    starts = np.cumsum([0, *(len(known.index) for known in sets)])
    sources = [
        (start + row, image) for start, known in zip(starts, sets, strict=False) for row, image in known.chosen.items()
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = [
            one
            for several in pool.map(lambda source: _all_changes(source[0], source[1], every), sources)
            for one in several
        ]
    rows, hashes, thumbnails = zip(*done, strict=True)
    return Changed(pd.DataFrame(rows, columns=["source", "change", "turned"]), list(hashes), np.stack(thumbnails))


def _all_changes(row: int, image: Pixels, every: int) -> list[tuple[tuple[int, int, bool], str, NDArray[np.uint8]]]:
    rng = np.random.default_rng([SEED, row])
    made = []
    for number, change in list(enumerate(CHANGES))[::every]:
        other = change.make(image, rng)
        for pose in (UPRIGHT, int(rng.choice(ALL[1:]))) if change.turned else (UPRIGHT,):
            grey = Image.fromarray(np.ascontiguousarray(oriented(other, pose)))
            thumbnail = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR))  # as `decode` makes it
            made.append(((row, number, _is_turned(change, pose)), perceptual_hash(grey), thumbnail))
    return made


def _is_turned(change: Change, pose: int) -> bool:
    return pose != UPRIGHT or (not change.turned and change.name != "unchanged")


def _grey(content: bytes, dataset: Dataset) -> Pixels:
    """The grey pixels of an image at its own size, which `prepare` takes its hash of."""
    if dataset.matlab is not None:
        return np.asarray(matlab.read_slice(content, dataset.matlab).image.convert("L"))
    return np.asarray(read_picture(content).image.convert("L"))
