"""From an archive to one array and an index: every image is decoded once, in parallel, and packed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.prepare.archive import Member
from medtransfer.data.prepare.archive_parts import OF_UNION, parts_of, warnings_of
from medtransfer.data.prepare.decode import UndecodableError
from medtransfer.data.prepare.stack import Stack
from medtransfer.settings.datasets import Images, UnionMember
from medtransfer.settings.errors import UserError

INDEX = ("width", "height", "mode", "format", "mean", "deviation", "sha256", "phash")  # of Decoded


@dataclass(frozen=True)
class Prepared:
    """The tables of a prepared archive; its images are in the .npy files that `prepare` writes."""

    index: pd.DataFrame  # id, label, patient, shipped, of a union OF_UNION, and INDEX: a row per image
    rejected: pd.DataFrame  # id, reason
    masks: dict[str, NDArray[np.bool_]]  # by id, H x W
    warnings: list[str]


def prepare(
    archive: Path,
    dataset: Images,
    max_rejected: float,
    images: Path,
    thumbnails: Path,
    members: Mapping[str, UnionMember] | None = None,
) -> Prepared:
    """Decode every image of the archive and write them to `images` and `thumbnails`, each one .npy.

    The images are uint8, N x size x size x C, in the order of the index; C = 1 where every image is grey. Thumbnails
    are N x 128 x 128 x 1, uint8, for any size of the images: the search for copies reads them, so the split does not
    depend on the size. The archive of a union has a folder for each of its `members`. Raises UserError where more than
    `max_rejected` (a share) of the classes' files are unusable.
    """
    parts = parts_of(archive, dataset, members or {})
    rejected = {id: why for part in parts for id, why in part.rejected.items()}
    unusable = {id: why for part in parts for id, why in part.contested.items()}
    claimed = sum(part.claimed for part in parts)
    rows: list[dict[str, Any]] = []
    masks: dict[str, NDArray[np.bool_]] = {}
    with Stack(images, dataset.image_size) as stack, Stack(thumbnails, SIDE) as small:
        decoded = ((part, *pair) for part in parts for pair in part.decoded(archive))
        for part, member, result in tqdm(decoded, total=claimed - len(unusable), desc="decode", unit="image"):
            if isinstance(result, UndecodableError):
                unusable[part.folder + member.id] = str(result)
                continue
            stack.append(result.image.pixels)
            small.append(result.image.thumbnail[:, :, None])
            rows.append(part.row(result.member) | {name: getattr(result.image, name) for name in INDEX})
            if result.mask is not None and result.mask.any():
                masks[part.folder + member.id] = result.mask
        _refuse_many(unusable, claimed, max_rejected, archive)
        index = pd.DataFrame(rows, columns=[*Member.__dataclass_fields__, *OF_UNION, *INDEX])
        for part in parts:
            own = index[index["member"] == part.member]
            part.refuse_gaps(own["member_label" if part.member else "label"], masks)
    rejects = pd.DataFrame(sorted((rejected | unusable).items()), columns=["id", "reason"])
    warnings = warnings_of(parts, dataset, index)
    return Prepared(index if members else index.drop(columns=[*OF_UNION]), rejects, masks, warnings)


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
