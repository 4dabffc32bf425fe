"""From an archive to one array and an index: every image is decoded once, in parallel, and packed."""

import errno
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.prepare.archive import Contents, Member, sort_out
from medtransfer.data.prepare.decode import UndecodableError
from medtransfer.data.prepare.members import Outlines, decoded_members, outlines_of
from medtransfer.data.prepare.stack import Stack
from medtransfer.settings.datasets import Images
from medtransfer.settings.errors import DAMAGE, UserError

INDEX = ("width", "height", "mode", "format", "mean", "deviation", "sha256", "phash")  # of Decoded


@dataclass(frozen=True)
class Prepared:
    """The tables of a prepared archive; its images are in the .npy files that `prepare` writes."""

    index: pd.DataFrame  # id, label, patient, shipped, and the columns of INDEX: a row per image
    rejected: pd.DataFrame  # id, reason
    masks: dict[str, NDArray[np.bool_]]  # by id, H x W
    warnings: list[str]


def prepare(archive: Path, dataset: Images, max_rejected: float, images: Path, thumbnails: Path) -> Prepared:
    """Decode every image of the archive and write them to `images` and `thumbnails`, each one .npy.

    The images are uint8, N x size x size x C, in the order of the index; C = 1 where every image is grey. Thumbnails
    are N x 128 x 128 x 1, uint8, for any size of the images: the search for copies reads them, so the split does not
    depend on the size. Raises UserError where more than `max_rejected` (a share) of the classes' files are unusable.
    """
    contents, outlines, rejected = _contents(archive, dataset)
    unusable = dict(contents.contested)
    claimed = len(contents.members) + len(unusable)
    rows: list[dict[str, Any]] = []
    masks: dict[str, NDArray[np.bool_]] = {}
    with Stack(images, claimed, dataset.image_size) as stack, Stack(thumbnails, claimed, SIDE) as small:
        decoded = decoded_members(archive, contents.members, dataset, outlines)
        for member, result in tqdm(decoded, total=len(contents.members), desc="decode", unit="image"):
            if isinstance(result, UndecodableError):
                unusable[member.id] = str(result)
                continue
            stack.append(result.image.pixels)
            small.append(result.image.thumbnail[:, :, None])
            rows.append(asdict(result.member) | {name: getattr(result.image, name) for name in INDEX})
            if result.mask is not None and result.mask.any():
                masks[member.id] = result.mask
        _refuse_many(unusable, claimed, max_rejected, archive)
        _refuse_no_lesions(masks, dataset)
        index = pd.DataFrame(rows, columns=[*Member.__dataclass_fields__, *INDEX])
        _refuse_empty_classes(index["label"], dataset)
    rejects = sorted((rejected | unusable).items())
    return Prepared(index, pd.DataFrame(rejects, columns=["id", "reason"]), masks, unexpected(index["label"], dataset))


def unexpected(labels: pd.Series, dataset: Images) -> list[str]:
    """A sentence for every count of images that differs from the catalogue's."""
    if dataset.expected is None:
        return []
    if isinstance(dataset.expected, int):
        counts = [("the set", len(labels), dataset.expected)]
    else:
        sizes = labels.value_counts()
        counts = [(f"class {name}", int(sizes.get(name, 0)), number) for name, number in dataset.expected.items()]
    return [
        f"{name} has {count} images where {number} are expected" for name, count, number in counts if count != number
    ]


def _contents(archive: Path, dataset: Images) -> tuple[Contents, Outlines, dict[str, str]]:
    """The archive's members, their outlines, and the reasons by path of what is no member."""
    try:
        with zipfile.ZipFile(archive) as source:
            contents = sort_out(source.infolist(), dataset)
            outlines, strangers = outlines_of(source, contents.members, dataset)
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # a failure of the disk, not a damaged archive
        raise UserError(
            f"{archive} is not a zip archive; fetch it again: dvc repro --force --single-item download@{archive.stem}"
        ) from None
    return contents, outlines, strangers | contents.rejected


def _refuse_no_lesions(masks: Mapping[str, NDArray[np.bool_]], dataset: Images) -> None:
    if (dataset.masks or dataset.outlines) and not masks:
        place = dataset.outlines.file if dataset.outlines else dataset.masks
        raise UserError(f"no image of the archive has a lesion by {place}; correct it in the catalogue, or omit it")


def _refuse_empty_classes(labels: pd.Series, dataset: Images) -> None:
    if empty := [name for name in dataset.classes if not (labels == name).any()]:
        raise UserError(f"no image of class {' or '.join(empty)} could be read: repair the archive")


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
        f"{archive}: {len(unusable)} of {total} files cannot be used, more than prepare.max_rejected = {limit:g} "
        f"allows: {listed}{more}: raise the limit, or repair the files (those of a local folder in that folder) and "
        f"run: dvc repro --force --single-item download@{archive.stem}"
    )
