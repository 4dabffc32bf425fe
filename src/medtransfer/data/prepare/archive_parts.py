"""The parts of an archive that have an entry of their own: all of it, or the folders of a union's members."""

import copy
import errno
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.prepare.archive import Contents, Member, sort_out
from medtransfer.data.prepare.decode import UndecodableError
from medtransfer.data.prepare.members import DecodedMember, Outlines, decoded_members, outlines_of
from medtransfer.settings.datasets import Images, UnionMember
from medtransfer.settings.errors import DAMAGE, UserError

OF_UNION = ("member", "member_label")  # columns of a union's index: the member of an image, and its label there
Decoded = tuple[Member, DecodedMember | UndecodableError]


@dataclass(frozen=True)
class Part:
    """The files of an archive, or of a folder in it, by their paths there; ids are paths in the archive."""

    member: str  # of a union; empty: all of an archive
    entry: Images
    contents: Contents
    outlines: Outlines
    strangers: Mapping[str, str]  # outlines of no image, and why

    @property
    def folder(self) -> str:
        """Where its files lie in the archive."""
        return f"{self.member}/" if self.member else ""

    @property
    def rejected(self) -> dict[str, str]:
        """What is no image of the set, by id."""
        return {self.folder + name: why for name, why in {**self.strangers, **self.contents.rejected}.items()}

    @property
    def contested(self) -> dict[str, str]:
        """Images that cannot be told to be of one class, by id."""
        return {self.folder + name: why for name, why in self.contents.contested.items()}

    @property
    def claimed(self) -> int:
        """Files that are images of a class."""
        return len(self.contents.members) + len(self.contents.contested)

    def decoded(self, archive: Path) -> Iterator[Decoded]:
        """Every file, as `decoded_members` has them."""
        return decoded_members(archive, self.contents.members, self.entry, self.outlines, self.folder)

    def row(self, image: Member) -> dict[str, str]:
        """The first columns of the index: of a union with a label of the union, and patients told apart by member."""
        row = vars(image) | dict.fromkeys(OF_UNION, "")
        if not isinstance(self.entry, UnionMember):
            return row
        patient = image.patient and self.folder + image.patient
        row |= {"id": self.folder + image.id, "label": self.entry.labels[image.label], "patient": patient}
        return row | {"member": self.member, "member_label": image.label}

    def refuse_gaps(self, labels: pd.Series, masks: Mapping[str, NDArray[np.bool_]]) -> None:
        """UserError where no image of a class could be read, or no lesion found; `labels` are the entry's own."""
        entry, who = self.entry, f"the member {self.member}: " if self.member else ""
        if (entry.masks or entry.outlines) and not any(id.startswith(self.folder) for id in masks):
            place = entry.outlines.file if entry.outlines else entry.masks
            raise UserError(
                f"{who}no image of the archive has a lesion by {place}; correct it in the catalogue, or omit it"
            )
        if empty := [name for name in entry.classes if not (labels == name).any()]:
            raise UserError(f"{who}no image of class {' or '.join(empty)} could be read: repair the archive")


def parts_of(archive: Path, dataset: Images, members: Mapping[str, UnionMember]) -> list[Part]:
    """The archive as one part, or of a union a part for each member. Raises UserError as `sort_out` does."""
    try:
        with zipfile.ZipFile(archive) as source:
            if not members:
                return [_part(source, "", dataset)]
            return [_part_of_union(source, name, entry) for name, entry in members.items()]
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # a failure of the disk, not a damaged archive
        raise UserError(
            f"{archive} is not a zip archive; fetch it again: dvc repro --force --single-item download@{archive.stem}"
        ) from None


def warnings_of(parts: Sequence[Part], dataset: Images, index: pd.DataFrame) -> list[str]:
    """A sentence for every count of images that differs from the catalogue's, of members and of the whole."""
    of_members = [
        f"{part.member}: {warning}"
        for part in parts
        if part.member
        for warning in unexpected(index.loc[index["member"] == part.member, "member_label"], part.entry)
    ]
    return of_members + unexpected(index["label"], dataset)


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


def _part_of_union(source: zipfile.ZipFile, member: str, entry: UnionMember) -> Part:
    try:
        return _part(source, member, entry)
    except UserError as error:
        raise UserError(f"the member {member}: {error}") from None


def _part(source: zipfile.ZipFile, member: str, entry: Images) -> Part:
    folder = f"{member}/" if member else ""
    contents = sort_out(_files(source, folder), entry)
    return Part(member, entry, contents, *outlines_of(source, contents.members, entry, folder))


def _files(source: zipfile.ZipFile, folder: str) -> Iterator[zipfile.ZipInfo]:
    """The files in a folder, by their paths there."""
    for file in source.infolist():
        if file.filename.startswith(folder):
            inside = copy.copy(file)
            inside.filename = file.filename.removeprefix(folder)
            inside.orig_filename = file.orig_filename.removeprefix(folder)
            yield inside
