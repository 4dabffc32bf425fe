"""The files of an archive: the label of each image, and the reason why each other file is none."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from medtransfer.settings.datasets import Images
from medtransfer.settings.errors import UserError

CLUTTER = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")  # files that operating systems leave behind


@dataclass(frozen=True)
class Member:
    """A file of the archive that belongs to the set."""

    id: str  # its path in the archive
    label: str  # empty where it stands in the file (MATLAB)
    patient: str  # empty where none is named
    shipped: str  # the part that the set has it in: train, test, or empty


@dataclass(frozen=True)
class Contents:
    """Every file of an archive, but for those under the entry's `ignore`."""

    members: list[Member]  # sorted by id
    rejected: dict[str, str]  # path: reason
    contested: dict[str, str]  # the same of paths that more than one class claims, or a class and `masks`


def sort_out(files: Iterable[zipfile.ZipInfo], dataset: Images) -> Contents:
    """Give each file its label, or the reason why it has none.

    Raises UserError where a class has no file, or the pattern of patients' ids does not fit a path.
    """
    members: dict[str, Member] = {}
    rejected: dict[str, str] = {}
    contested: dict[str, str] = {}
    seen: Counter[str] = Counter()
    unclaimed: list[str] = []
    for file in sorted((file for file in files if not file.filename.endswith("/")), key=lambda file: file.filename):
        name = file.filename
        labels = labels_of(name, dataset)
        if seen[name]:
            again = "again" if seen[name] == 1 else f"again, {seen[name]}"
            rejected[f"{name} ({again})"] = "the archive holds this path twice; the last one counts"
        elif reason := _unwanted(file):
            rejected[name] = reason
        elif name.startswith(dataset.ignore):
            continue
        elif len(labels) > 1:
            contested[name] = f"claimed by the classes {' and '.join(labels)}"
        elif labels:
            members[name] = Member(name, labels[0], _patient(name, dataset.patient), _shipped(name, dataset))
        else:
            unclaimed.append(name)
        seen[name] += 1
    masks = lesion_files(members.values(), dataset)
    lesions = set(masks.values())
    own = {name for name, mask in masks.items() if name == mask} - {
        mask for name, mask in masks.items() if name != mask
    }
    _refuse_masks_that_are_the_images(own, members, dataset)
    contested |= dict.fromkeys(sorted(own), "an image of a class and, by the pattern of masks, its own lesion mask")
    members = {name: member for name, member in members.items() if name not in lesions}  # a mask beside its image
    rejected |= {name: "no class's pattern matches it" for name in unclaimed if name not in lesions}
    _refuse_empty_classes(members.values(), set(seen), dataset)
    return Contents(list(members.values()), dict(sorted(rejected.items())), contested)


def labels_of(name: str, dataset: Images) -> list[str]:
    """The classes whose patterns match a path; of a MATLAB file, whose label is inside, one empty label."""
    if dataset.matlab is not None:
        return [""] if name.lower().endswith(".mat") else []
    return [label for label, patterns in dataset.classes.items() if any(matches(name, glob) for glob in patterns)]


def matches(name: str, glob: str) -> bool:
    """Whether a path fits a pattern: `*` stays within a folder, `**` stands for any number of folders."""
    return _fit(name.split("/"), glob.split("/"))


def lesion_files(members: Iterable[Member], dataset: Images) -> dict[str, str]:
    """Where the lesion of each image may lie: its mask by the image's id; the one file of all outlines by ""."""
    if dataset.outlines is not None:
        return {"": dataset.outlines.file}
    if dataset.masks is None:
        return {}
    return {
        member.id: dataset.masks.format(label=member.label, stem=PurePosixPath(member.id).stem) for member in members
    }


def _fit(parts: list[str], globs: list[str]) -> bool:
    if not globs or not parts:
        return not parts and all(glob == "**" for glob in globs)
    if globs[0] == "**":
        return _fit(parts, globs[1:]) or _fit(parts[1:], globs)
    return fnmatchcase(parts[0], globs[0]) and _fit(parts[1:], globs[1:])


def _unwanted(file: zipfile.ZipInfo) -> str | None:
    """What is wrong with a path, whatever class it may be of."""
    parts = file.orig_filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:$", parts[0]):
        return "its path climbs out of the archive"
    if any(part.lower() in CLUTTER for part in parts) or parts[-1].startswith("._"):
        return "left behind by an operating system, no part of the set"
    return None


def _patient(name: str, pattern: str | None) -> str:
    if pattern is None:
        return ""
    if not (match := re.search(pattern, name)):
        raise UserError(f"the pattern '{pattern}' finds no patient's id in {name}; correct it in the catalogue")
    return match.group(1) or ""


def _shipped(name: str, dataset: Images) -> str:
    if dataset.shipped is None:
        return ""
    parts = {"train": dataset.shipped.train, "test": dataset.shipped.test}
    return next((part for part, beginnings in parts.items() if name.startswith(beginnings)), "")


def _refuse_masks_that_are_the_images(own: set[str], members: dict[str, Member], dataset: Images) -> None:
    """`own` are the images that the pattern of masks makes their own mask, and no other image's."""
    for label in dataset.classes:
        names = {name for name, member in members.items() if member.label == label}
        if names and names <= own:
            raise UserError(
                f"masks: the pattern {dataset.masks} matches the images of class {label} themselves, such as "
                f"{min(names)}; write where their lesion masks lie in the archive, or leave masks out of the catalogue"
            )


def _refuse_empty_classes(members: Iterable[Member], names: set[str], dataset: Images) -> None:
    begins = f"it begins with {', '.join(sorted(names)[:3]) or 'nothing: it is empty'}"
    labels = {member.label for member in members}
    if dataset.matlab is not None:
        if not labels:
            raise UserError(f"the archive holds no .mat file; {begins}")
        return
    for label, patterns in dataset.classes.items():
        if label not in labels:
            globs = ", ".join(patterns)
            raise UserError(f"no file of the archive matches the patterns of class {label} ({globs}); {begins}")
