"""From an archive to one array and an index: every image decoded once, in parallel, and packed."""

import errno
import os
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.prepare import lesions, matlab
from medtransfer.data.prepare.archive import Member, lesion_files, matches, sort_out
from medtransfer.data.prepare.decode import Decoded, UndecodableError, decode, measure
from medtransfer.errors import DAMAGE, UserError
from medtransfer.settings.datasets import Images

CHUNK = 256  # images that wait in memory at a time
MAX_BYTES = 512 * 2**20  # of one file, unpacked
INDEX = ("width", "height", "mode", "format", "mean", "deviation", "sha256", "phash")  # of Decoded


@dataclass(frozen=True)
class Prepared:
    """What `prepare` found; the images themselves are in the .npy file it wrote."""

    index: pd.DataFrame  # id, label, patient, shipped, and the columns of INDEX: a row per image
    rejected: pd.DataFrame  # id, reason
    masks: dict[str, NDArray[np.bool_]]  # by id, H x W
    warnings: list[str]


@dataclass(frozen=True)
class Found:
    """A member, decoded."""

    member: Member
    image: Decoded
    mask: NDArray[np.bool_] | None  # at the prepared size


Outlines = Mapping[str, list[dict[str, Any]]]  # shapes by image id
Read = Callable[[str], bytes]  # a member's bytes, by its path


def prepare(archive: Path, dataset: Images, max_rejected: float, images: Path, thumbnails: Path) -> Prepared:
    """Decode every image of the archive and write them to `images` and `thumbnails`, each one .npy.

    The array is uint8, N x size x size x C, in the order of the index; C = 1 where every image is grey. Thumbnails are
    N x 128 x 128, grey, whatever the size: the search for copies reads them, so the split does not depend on it.
    Raises UserError where more than `max_rejected` (a share) of the classes' files cannot be used.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            contents = sort_out(source.infolist(), dataset)
            outlines, rejected = _outlines(source, contents.members, dataset)
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk's doing, not the archive's
        raise UserError(
            f"{archive} is no zip archive; fetch it anew: dvc repro --force --single-item download@{archive.stem}"
        ) from None
    rejected |= contents.rejected
    unusable = dict(contents.contested)
    claimed = len(contents.members) + len(unusable)
    rows: list[dict[str, Any]] = []
    masks: dict[str, NDArray[np.bool_]] = {}
    size = dataset.image_size
    with Stack(images, claimed, size) as stack, Stack(thumbnails, claimed, SIDE) as small:
        work = tqdm(
            _decoded(archive, contents.members, dataset, outlines, size),
            total=len(contents.members),
            desc="decode",
            unit="image",
        )
        for member, found in work:
            if isinstance(found, UndecodableError):
                unusable[member.id] = str(found)
                continue
            stack.append(found.image.pixels)
            small.append(found.image.thumbnail[:, :, None])
            rows.append(asdict(found.member) | {name: getattr(found.image, name) for name in INDEX})
            if found.mask is not None and found.mask.any():
                masks[member.id] = found.mask
        _refuse_many(unusable, claimed, max_rejected, archive)
        if (dataset.masks or dataset.outlines) and not masks:
            place = dataset.outlines.file if dataset.outlines else dataset.masks
            raise UserError(f"no image of the archive has a lesion by {place}; mend it in the catalogue, or omit it")
        index = pd.DataFrame(rows, columns=[*Member.__dataclass_fields__, *INDEX])
        _refuse_empty_classes(index["label"], dataset)
    rejects = sorted((rejected | unusable).items())
    return Prepared(index, pd.DataFrame(rejects, columns=["id", "reason"]), masks, unexpected(index["label"], dataset))


def unexpected(labels: pd.Series, dataset: Images) -> list[str]:
    """A sentence for every count of images that is not the catalogue's."""
    if dataset.expected is None:
        return []
    if isinstance(dataset.expected, int):
        pairs = [("the set", len(labels), dataset.expected)]
    else:
        counts = labels.value_counts()
        pairs = [(f"class {name}", int(counts.get(name, 0)), number) for name, number in dataset.expected.items()]
    return [f"{name} has {found} images where {asked} are expected" for name, found, asked in pairs if found != asked]


class Stack:
    """Images written to one .npy through a memory map, one after another: grey until the first coloured one."""

    def __init__(self, path: Path, capacity: int, size: int) -> None:
        self._path, self._draft, self._other = path, path.with_suffix(".draft.npy"), path.with_suffix(".copy.npy")
        self._count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._map = np.lib.format.open_memmap(self._draft, "w+", np.uint8, (capacity, size, size, 1))

    def append(self, pixels: NDArray[np.uint8]) -> None:
        """Add an image, size x size x 1 or 3."""
        if pixels.shape[2] > self._map.shape[3]:
            self._copy(len(self._map), pixels.shape[2])
        self._map[self._count] = pixels  # a grey image fills all channels
        self._count += 1

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Put the file in its place, as long as what came; after an error, leave nothing."""
        if kind is None and self._count < len(self._map):
            self._copy(self._count, self._map.shape[3])
        self._map.flush()
        del self._map
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink()
            self._other.unlink(missing_ok=True)

    def _copy(self, length: int, channels: int) -> None:
        """Go on in a file of another length or depth."""
        copy = np.lib.format.open_memmap(self._other, "w+", np.uint8, (length, *self._map.shape[1:3], channels))
        for start in range(0, self._count, CHUNK):
            copy[start : min(start + CHUNK, self._count)] = self._map[start : min(start + CHUNK, self._count)]
        self._other.replace(self._draft)
        self._map = copy


def _decoded(
    archive: Path, members: list[Member], dataset: Images, outlines: Outlines, size: int
) -> Iterator[tuple[Member, Found | UndecodableError]]:
    """Every member and what it holds, in order, decoded by as many threads as there are cores."""
    reading = threading.Lock()  # a ZipFile is not safe to read from two threads at once
    with zipfile.ZipFile(archive) as source, ThreadPoolExecutor(os.cpu_count()) as pool:
        present = set(source.namelist())
        mask_of = {id: name for id, name in lesion_files(members, dataset).items() if id and name in present}

        def read(name: str) -> bytes:
            if (unpacked := source.getinfo(name).file_size) > MAX_BYTES:
                raise UndecodableError(f"{unpacked:,} bytes unpacked, more than {MAX_BYTES:,}")
            with reading:
                return source.read(name)

        def work(member: Member) -> tuple[Member, Found | UndecodableError]:
            try:
                if dataset.matlab is not None:
                    return member, _matlab_slice(member, read(member.id), dataset, size)
                image = decode(read(member.id), size)
                mask = _mask(member.id, image, read, mask_of, outlines)
                if mask is not None:
                    lesions.refuse_other_shape(mask, image.width, image.height)
                return member, Found(member, image, None if mask is None else lesions.resized(mask, size))
            except UndecodableError as error:
                return member, error
            except (*DAMAGE, OSError) as error:
                return member, UndecodableError(f"cannot be read from the archive: {error}")

        for start in range(0, len(members), CHUNK):
            yield from pool.map(work, members[start : start + CHUNK])


def _mask(
    id: str, image: Decoded, read: Read, mask_of: Mapping[str, str], outlines: Outlines
) -> NDArray[np.bool_] | None:
    if id in outlines:
        return lesions.draw(outlines[id], image.width, image.height)
    return lesions.read_mask(read(mask_of[id])) if id in mask_of else None


def _matlab_slice(member: Member, content: bytes, dataset: Images, size: int) -> Found:
    """Label, patient and mask come from the file itself."""
    assert dataset.matlab is not None
    found = matlab.read_slice(content, dataset.matlab)
    labels = [name for name, globs in dataset.classes.items() if any(matches(found.label, glob) for glob in globs)]
    if len(labels) != 1:
        raise UndecodableError(f"its label {found.label} belongs to {' and '.join(labels) or 'no class'}")
    if found.mask is not None:
        lesions.refuse_other_shape(found.mask, found.image.width, found.image.height)
    mask = None if found.mask is None else lesions.resized(found.mask, size)
    member = replace(member, label=labels[0], patient=found.patient or member.patient)
    return Found(member, measure(found.image, size, "MATLAB", "MATLAB"), mask)


def _outlines(
    source: zipfile.ZipFile, members: list[Member], dataset: Images
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Outlines by image id, and those that belong to no image of the set, with the reason."""
    if dataset.outlines is None:
        return {}, {}
    name = dataset.outlines.file
    if name not in source.namelist():
        raise UserError(f"the archive has no {name}, which the catalogue names for its outlines; mend it there")
    drawn = lesions.read_outlines(source.read(name), name)
    ids = {member.id for member in members}
    placed = {dataset.outlines.image.format(name=image): (image, shapes) for image, shapes in drawn.items()}
    strangers = {f"{name}: {image}": f"there is no image {id}" for id, (image, _) in placed.items() if id not in ids}
    return {id: shapes for id, (_, shapes) in placed.items() if id in ids and shapes}, strangers


def _refuse_empty_classes(labels: pd.Series, dataset: Images) -> None:
    if empty := [name for name in dataset.classes if not (labels == name).any()]:
        raise UserError(f"no image of class {' or '.join(empty)} could be read; the rejects say why: mend the archive")


def _refuse_many(unusable: Mapping[str, str], total: int, limit: float, archive: Path) -> None:
    if len(unusable) <= limit * total:
        return
    first: dict[str, str] = {}
    for name, why in sorted(unusable.items()):
        first.setdefault(why, name)
    counted = Counter(unusable.values()).most_common(5)
    listed = "; ".join(f"{count} x {why} (such as {first[why]})" for why, count in counted)
    more = f"; and {len(first) - len(counted)} more reasons" if len(first) > len(counted) else ""
    raise UserError(
        f"{archive}: {len(unusable)} of {total} files cannot be used, more than prepare.max_rejected = "
        f"{limit:g} allows: {listed}{more}: mend the archive, or raise the limit"
    )
