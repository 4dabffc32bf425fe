"""The files of an archive, each read once and decoded in parallel: its pixels and its lesion mask."""

import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.data.prepare import lesions, matlab
from medtransfer.data.prepare.archive import Member, lesion_files, matches
from medtransfer.data.prepare.decode import Decoded, Picture, UndecodableError, decode, measure
from medtransfer.settings.datasets import Images
from medtransfer.settings.errors import DAMAGE, UserError

CHUNK = 256  # images that wait in memory at a time
MAX_BYTES = 512 * 2**20  # of one file, unpacked

Outlines = Mapping[str, list[dict[str, Any]]]  # shapes by image id
Read = Callable[[str], bytes]  # a member's bytes, by its path


@dataclass(frozen=True)
class DecodedMember:
    """A member, decoded."""

    member: Member
    image: Decoded
    mask: NDArray[np.bool_] | None  # of the lesion, at the prepared size


def decoded_members(
    archive: Path, members: list[Member], dataset: Images, outlines: Outlines, folder: str = ""
) -> Iterator[tuple[Member, DecodedMember | UndecodableError]]:
    """Every member with its content, or with the reason why it cannot be used; in order, a thread per core.

    Their paths are those in `folder` of the archive, which ends with /, or is empty.
    """
    reading = threading.Lock()  # a ZipFile is not safe to read from two threads at once
    with zipfile.ZipFile(archive) as source, ThreadPoolExecutor(os.cpu_count()) as pool:
        present = {name.removeprefix(folder) for name in source.namelist() if name.startswith(folder)}
        mask_of = {id: name for id, name in lesion_files(members, dataset).items() if id and name in present}

        def read(name: str) -> bytes:
            if (unpacked := source.getinfo(folder + name).file_size) > MAX_BYTES:
                raise UndecodableError(f"{unpacked:,} bytes unpacked, more than {MAX_BYTES:,}")
            with reading:
                return source.read(folder + name)

        def work(member: Member) -> tuple[Member, DecodedMember | UndecodableError]:
            try:
                if dataset.matlab is not None:
                    return member, _matlab_slice(member, read(member.id), dataset)
                image = decode(read(member.id), dataset.image_size, dataset.interpolation)
                mask = _mask(member.id, image, read, mask_of, outlines)
                if mask is not None:
                    lesions.refuse_other_shape(mask, image.width, image.height)
                    mask = lesions.resized(mask, dataset.image_size)
                return member, DecodedMember(member, image, mask)
            except UndecodableError as error:
                return member, error
            except (*DAMAGE, OSError) as error:
                return member, UndecodableError(f"cannot be read from the archive: {error}")

        for start in range(0, len(members), CHUNK):
            yield from pool.map(work, members[start : start + CHUNK])


def outlines_of(
    source: zipfile.ZipFile, members: list[Member], dataset: Images, folder: str = ""
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Outlines by image id, and those that belong to no image of the set, with the reason; paths are in `folder`."""
    if dataset.outlines is None:
        return {}, {}
    name = dataset.outlines.file
    if folder + name not in source.namelist():
        raise UserError(f"the archive has no {name}, which the catalogue names for its outlines; correct it there")
    drawn = lesions.read_outlines(source.read(folder + name), name)
    ids = {member.id for member in members}
    placed = {dataset.outlines.image.format(name=image): (image, shapes) for image, shapes in drawn.items()}
    strangers = {f"{name}: {image}": f"there is no image {id}" for id, (image, _) in placed.items() if id not in ids}
    return {id: shapes for id, (_, shapes) in placed.items() if id in ids and shapes}, strangers


def _mask(
    id: str, image: Decoded, read: Read, mask_of: Mapping[str, str], outlines: Outlines
) -> NDArray[np.bool_] | None:
    if id in outlines:
        return lesions.draw(outlines[id], image.width, image.height)
    return lesions.read_mask(read(mask_of[id])) if id in mask_of else None


def _matlab_slice(member: Member, content: bytes, dataset: Images) -> DecodedMember:
    """Label, patient and mask come from the file itself."""
    assert dataset.matlab is not None
    slice, size = matlab.read_slice(content, dataset.matlab), dataset.image_size
    labels = [name for name, globs in dataset.classes.items() if any(matches(slice.label, glob) for glob in globs)]
    if len(labels) != 1:
        raise UndecodableError(f"its label {slice.label} belongs to {' and '.join(labels) or 'no class'}")
    if slice.mask is not None:
        lesions.refuse_other_shape(slice.mask, slice.image.width, slice.image.height)
    mask = None if slice.mask is None else lesions.resized(slice.mask, size)
    member = replace(member, label=labels[0], patient=slice.patient or member.patient)
    picture = Picture(slice.image, "MATLAB", "MATLAB")
    return DecodedMember(member, measure(picture, size, dataset.interpolation), mask)
