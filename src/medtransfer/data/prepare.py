"""From an archive to arrays: which members are images of which class, decoded, hashed and packed.

Images are decoded in parallel and once; their pixels, size and hash all come from that one decoding.
"""

import hashlib
import io
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from medtransfer.config import Dataset
from medtransfer.errors import UserError

CHUNK = 256  # images copied at a time


@dataclass(frozen=True)
class Member:
    """A file of the archive that belongs to the set."""

    id: str  # its path in the archive
    label: str
    patient: str  # empty where the set names none


@dataclass(frozen=True)
class Decoded:
    """An image as it was in the archive, and its pixels at the prepared size."""

    pixels: NDArray[np.uint8]  # H x W x 3
    grey: bool  # whether the three channels are equal
    width: int
    height: int
    mode: str
    sha256: str  # of the grey pixels at their own size


class UndecodableError(Exception):
    """Why a file is no image."""


@dataclass(frozen=True)
class Prepared:
    """What `prepare` found; the images themselves are in the .npy file it wrote."""

    index: pd.DataFrame  # id, label, patient, width, height, mode, sha256: a row per image
    rejected: pd.DataFrame  # id, reason
    masks: dict[str, NDArray[np.bool_]]  # by id, H x W


def members(names: list[str], dataset: Dataset) -> list[Member]:
    """The archive's paths that the catalogue entry gives a label, sorted; folders are left out.

    Raises UserError where two classes claim a path, a class has no file, or a patient's id is not in a path.
    """
    found = []
    for name in sorted(name for name in names if not name.endswith("/")):
        labels = [label for label, patterns in dataset.classes.items() if _matches(name, patterns)]
        if len(labels) > 1:
            raise UserError(f"{name} is claimed by {' and '.join(labels)}; let only one class's patterns match it")
        if labels:
            found.append(Member(name, labels[0], _patient(name, dataset.patient)))
    for label, patterns in dataset.classes.items():
        if not any(member.label == label for member in found):
            raise UserError(
                f"no file of the archive matches the patterns of class {label} ({', '.join(patterns)}); "
                f"it begins with {', '.join(sorted(names)[:3]) or 'nothing: it is empty'}"
            )
    return found


def decode(content: bytes, size: int) -> Decoded:
    """An image file's content as `size` x `size` RGB pixels; raises UndecodableError with the reason."""
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
        colour = image.convert("RGB")
    except UnidentifiedImageError:
        raise UndecodableError("not an image" if content else "empty file") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UndecodableError(" ".join(str(error).split())) from None
    channels = np.asarray(colour)
    grey = bool((channels[..., 0] == channels[..., 1]).all() and (channels[..., 1] == channels[..., 2]).all())
    digest = hashlib.sha256(f"{image.width}x{image.height}".encode() + colour.convert("L").tobytes())
    resized = colour.resize((size, size), Image.Resampling.BILINEAR)
    return Decoded(np.asarray(resized), grey, image.width, image.height, image.mode, digest.hexdigest())


def prepare(archive: Path, dataset: Dataset, size: int, max_rejected: float, images: Path) -> Prepared:
    """Decode every image of the archive and write them to `images` as one .npy.

    The array is uint8, N x size x size x C, in the order of the index; C = 1 where every image is grey.
    Raises UserError where more than `max_rejected` (a share) of the files cannot be decoded.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            found = members(source.namelist(), dataset)
            masks = _masks(source, found, dataset.masks, size)
    except zipfile.BadZipFile:
        raise UserError(
            f"{archive} is no zip archive; fetch it anew: dvc repro --force --single-item download@{archive.stem}"
        ) from None
    images.parent.mkdir(parents=True, exist_ok=True)
    draft = images.with_suffix(".draft.npy")
    stack = np.lib.format.open_memmap(draft, "w+", np.uint8, (len(found), size, size, 3))
    rows: list[dict[str, Any]] = []
    rejected: list[dict[str, str]] = []
    grey = True
    try:
        progress = tqdm(_decoded(archive, found, size), total=len(found), desc="decode", unit="image")
        for member, image in progress:
            if isinstance(image, UndecodableError):
                rejected.append({"id": member.id, "reason": str(image)})
                continue
            stack[len(rows)] = image.pixels
            grey &= image.grey
            rows.append(
                asdict(member)
                | {"width": image.width, "height": image.height, "mode": image.mode, "sha256": image.sha256}
            )
        _refuse_many(rejected, len(found), max_rejected, archive)
        _pack(stack, images, len(rows), 1 if grey else 3)
    finally:
        draft.unlink()
    kept = {row["id"] for row in rows}
    return Prepared(
        pd.DataFrame(rows),
        pd.DataFrame(rejected, columns=["id", "reason"]),
        {id: mask for id, mask in masks.items() if id in kept},
    )


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    # A star stays within one folder: no/* is not to match no/more/x.png.
    return any(fnmatchcase(name, glob) and name.count("/") == glob.count("/") for glob in patterns)


def _patient(name: str, pattern: str | None) -> str:
    if pattern is None:
        return ""
    if not (found := re.search(pattern, name)):
        raise UserError(f"the pattern {pattern!r} finds no patient's id in {name}; mend it in the catalogue")
    return found.group(1)


def _decoded(archive: Path, found: list[Member], size: int) -> Iterator[tuple[Member, Decoded | UndecodableError]]:
    """Every member and its image, in order, decoded by as many threads as there are cores."""
    reading = threading.Lock()  # a ZipFile is not safe to read from two threads at once

    with zipfile.ZipFile(archive) as source, ThreadPoolExecutor(os.cpu_count()) as pool:

        def work(member: Member) -> tuple[Member, Decoded | UndecodableError]:
            try:
                with reading:
                    content = source.read(member.id)
                return member, decode(content, size)
            except UndecodableError as error:
                return member, error
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
                return member, UndecodableError(f"cannot be read from the archive: {error}")

        for start in range(0, len(found), CHUNK):  # bounds how many decoded images wait in memory
            yield from pool.map(work, found[start : start + CHUNK])


def _refuse_many(rejected: list[dict[str, str]], total: int, limit: float, archive: Path) -> None:
    if len(rejected) <= limit * total:
        return
    first = rejected[0]
    raise UserError(
        f"{archive}: {len(rejected)} of {total} files cannot be decoded, more than prepare.max_rejected = "
        f"{limit:g} allows; the first is {first['id']} ({first['reason']}): mend the archive, or raise the limit"
    )


def _pack(stack: NDArray[np.uint8], path: Path, count: int, channels: int) -> None:
    packed = np.lib.format.open_memmap(path, "w+", np.uint8, (count, *stack.shape[1:3], channels))
    for start in range(0, count, CHUNK):
        stop = min(start + CHUNK, count)
        packed[start:stop] = stack[start:stop, :, :, :channels]
    packed.flush()


def _masks(
    source: zipfile.ZipFile, found: list[Member], pattern: str | None, size: int
) -> dict[str, NDArray[np.bool_]]:
    """Lesion masks of those members that have one, resized without new grey levels."""
    if pattern is None:
        return {}
    names, masks = set(source.namelist()), {}
    for member in found:
        name = pattern.format(label=member.label, stem=PurePosixPath(member.id).stem)
        if name in names:
            image = Image.open(io.BytesIO(source.read(name))).convert("L")
            masks[member.id] = np.asarray(image.resize((size, size), Image.Resampling.NEAREST)) > 127
    if not masks:
        raise UserError(f"no file of the archive matches masks ({pattern}); mend it in the catalogue, or leave it out")
    return masks
