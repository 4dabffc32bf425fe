"""What near_twins.py measures: hashes of real images, and of the same images after a small change."""

import io
import os
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import imagehash
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from medtransfer.data.archive import Member, sort_out
from medtransfer.data.decode import DEEP_MODES, HASH_SIZE, Decoded, UndecodableError, decode, stretched
from medtransfer.schema.datasets import Dataset

EVERY = 6  # one image in so many is changed
Change = Callable[[Image.Image], Image.Image]
Bits = NDArray[np.uint64]  # N x words

HASHES: dict[str, Callable[[Image.Image], imagehash.ImageHash]] = {
    "phash, 256 bits": partial(imagehash.phash, hash_size=HASH_SIZE),
    "phash, 64 bits": partial(imagehash.phash, hash_size=8),
    "dhash, 256 bits": partial(imagehash.dhash, hash_size=16),
}
USED = next(iter(HASHES))  # the hash that the pipeline keeps


@dataclass(frozen=True)
class Collection:
    """A data set's images, by their hashes."""

    name: str
    yes_no: bool  # its labels say only whether there is something
    by_code: bool  # its images are made, not photographed
    index: pd.DataFrame  # id, label, patient, sha256, phash: what the split stage compares
    hashes: dict[str, Bits]  # by hash, a row per image
    changed: dict[str, dict[str, NDArray[np.uint16]]]  # by hash and change, bits between a picture and itself changed


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """The image written as JPEG and read again."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def scale(image: Image.Image, factor: float) -> Image.Image:
    """The image in another size."""
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR)


def shift(image: Image.Image, share: float) -> Image.Image:
    """The image moved right by a share of its width, with black where it was."""
    by = max(1, round(image.width * share))
    return image.transform(image.size, Image.Transform.AFFINE, (1, 0, -by, 0, 1, 0))


def crop(image: Image.Image, share: float) -> Image.Image:
    """The image without a share of its width and height, half of that at either side."""
    return ImageOps.crop(image, tuple(max(1, round(side * share / 2)) for side in image.size))


def rotate(image: Image.Image, degrees: int) -> Image.Image:
    """The image turned about its middle, in its old frame, with black in the corners."""
    return image.rotate(degrees, Image.Resampling.BILINEAR)


CHANGES: dict[str, Change] = {
    **{f"JPEG, quality {quality}": partial(jpeg, quality=quality) for quality in (90, 70, 50, 30)},
    **{f"resized × {factor:g}": partial(scale, factor=factor) for factor in (0.5, 0.75, 1.5)},
    "resized to 224 × 224": lambda image: image.resize((224, 224), Image.Resampling.BILINEAR),
    "brightness × 1.2": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "contrast × 1.5": lambda image: ImageEnhance.Contrast(image).enhance(1.5),
    **{f"cropped by {percent} %": partial(crop, share=percent / 100) for percent in (2, 4)},
    **{f"shifted by {percent} %": partial(shift, share=percent / 100) for percent in (1, 2, 4)},
}
# No perceptual hash of this kind is made for these: measured, but not counted in the recall of all
BEYOND: dict[str, Change] = {
    **{f"rotated by {degrees}°": partial(rotate, degrees=degrees) for degrees in (1, 2, 5)},
    "mirrored": ImageOps.mirror,
}


def collect(name: str, archive: Path, dataset: Dataset) -> Collection:
    """Hash every image of an archive, and every sixth one after each change too."""
    with zipfile.ZipFile(archive) as source, ThreadPoolExecutor(os.cpu_count()) as pool:
        members = sort_out(source.infolist(), dataset).members
        contents = (source.read(member.id) for member in members)  # by this thread alone
        found = pool.map(_examine, members, contents, (number % EVERY == 0 for number in range(len(members))))
        usable = [image for image in found if image is not None]
    rows = [(member.id, member.label, member.patient, known.sha256, known.phash) for member, known, _, _ in usable]
    changes = CHANGES | BEYOND
    return Collection(
        name,
        dataset.positive is not None,
        dataset.source.kind == "phantom",
        pd.DataFrame(rows, columns=["id", "label", "patient", "sha256", "phash"]),
        {hash: _packed([own[hash] for _, _, own, _ in usable]) for hash in HASHES},
        {
            hash: {
                change: np.array([other[change, hash] for *_, other in usable if other], np.uint16)
                for change in changes
            }
            for hash in HASHES
        },
    )


def apart(left: Bits, right: Bits) -> NDArray[np.uint16]:
    """In how many bits every hash of one list differs from every hash of the other, as one row of numbers."""
    total = np.zeros((len(left), len(right)), np.uint16)
    for a, b in zip(left.T, right.T, strict=True):
        total += np.bitwise_count(a[:, None] ^ b[None, :])
    return total.ravel()


Examined = tuple[Member, Decoded, dict[str, NDArray[np.bool_]], dict[tuple[str, str], int]]


def _examine(member: Member, content: bytes, change_it: bool) -> Examined | None:
    """An image's hashes and, where asked, how far each change moves them; None where it is none."""
    try:
        known = decode(content, 8)
    except UndecodableError:
        return None
    image = _grey(content)
    own = {name: hash(image).hash.ravel() for name, hash in HASHES.items()}
    moved = {}
    for change, make in (CHANGES | BEYOND).items() if change_it else ():
        other = make(image)
        for name, hash in HASHES.items():
            moved[change, name] = int((hash(other).hash.ravel() != own[name]).sum())
    return member, known, own, moved


def _grey(content: bytes) -> Image.Image:
    """The grey picture at its own size that `decode` takes its hash of."""
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image)
        if image.mode.startswith(DEEP_MODES):
            return stretched(np.asarray(upright))
        return upright if image.mode == "L" else upright.convert("RGB").convert("L")


def _packed(hashes: list[NDArray[np.bool_]]) -> Bits:
    return np.packbits(np.array(hashes), axis=1).view(np.uint64)
