"""catalog/datasets.yaml: where a data set comes from, and how its files become labelled images."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from medtransfer.settings.base import Strict

# Names of other columns of the tables: a class has a column of its own beside them.
TAKEN = {
    *("id", "label", "patient", "shipped", "mode", "format", "sha256", "phash", "reason", "group", "partition", "copy"),
    *("actual", "predicted", "fold", "member", "member_label"),
}

PLACEHOLDERS = {"not stated", "unknown", "not known", "n/a", "na", "none", "todo", "tbd", "null", "-", "–", "?"}


class PhantomSource(Strict):
    """The embedded data set: slices made by code. The second scanner has more noise and shading, and is blurred."""

    kind: Literal["phantom"]
    size: Annotated[int, Field(ge=24, le=512)]  # pixels a side
    patients: Annotated[int, Field(ge=8)]
    slices_per_patient: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]
    scanner: Literal["first", "second"] = "first"


class ShapesSource(Strict):
    """The embedded source of transfer: images of shapes and textures, made by code."""

    kind: Literal["shapes"]
    size: Annotated[int, Field(ge=32, le=256)]  # pixels a side
    images: Annotated[int, Field(ge=24, le=20_000)]
    seed: Annotated[int, Field(ge=0)]


class KaggleSource(Strict):
    """A data set on Kaggle, downloaded with its official client."""

    kind: Literal["kaggle"]
    slug: Annotated[str, Field(pattern=r"^[\w-]+/[\w-]+$")]  # owner/name
    version: Annotated[int, Field(ge=1)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # of the zip; null: any


class LocalSource(Strict):
    """A folder or a zip archive on this machine."""

    kind: Literal["local"]
    path: Annotated[str, Field(min_length=1)]  # from the project's root; ~ is the home folder


class UnionSource(Strict):
    """Other entries as one set: each one reads its own files, and its `as` says what its labels are."""

    kind: Literal["union"]
    members: Annotated[tuple[str, ...], Field(min_length=2)]


OneSource = Annotated[PhantomSource | ShapesSource | KaggleSource | LocalSource, Field(discriminator="kind")]
Source = PhantomSource | ShapesSource | KaggleSource | LocalSource | UnionSource


class Shipped(Strict):
    """The train and test parts that a set comes with: how the paths in each begin."""

    train: Annotated[tuple[str, ...], Field(min_length=1)]
    test: Annotated[tuple[str, ...], Field(min_length=1)]


class Outlines(Strict):
    """Lesion outlines drawn with the VGG Image Annotator and kept as its JSON."""

    file: str  # in the archive
    image: str  # the path of the image that an outline's file name belongs to: {name} is filled in

    @field_validator("image")
    @classmethod
    def _image_can_be_filled_in(cls, pattern: str) -> str:
        return _only_placeholders(pattern, "name")


class Matlab(Strict):
    """Slices in MATLAB 7.3 files: where in a file each part stands. Its label is matched by the classes' patterns."""

    image: str
    label: str
    patient: str | None = None
    mask: str | None = None


def _is_stated(text: str) -> str:
    if text.lower().rstrip(".") in PLACEHOLDERS:
        raise ValueError(f"{text!r} states nothing: leave the key out, and the report says so")
    return text


Statement = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400), AfterValidator(_is_stated)
]


class Provenance(Strict):
    """Where the images come from, as their source or a paper states it; a key is left out where neither does."""

    institutions: Statement | None = None  # hospitals, or the sets that a set is put together from
    dates: Statement | None = None  # of acquisition
    scanners: Statement | None = None  # modality, sequences, scanners
    annotators: Statement | None = None  # who labelled the images, and how
    consent: Statement | None = None  # approval by an ethics board, and consent of the patients
    reference: Statement | None = None  # what is to be cited


OF_FILES = ("ignore", "shipped", "patient", "masks", "outlines", "matlab")  # keys that speak of an archive's files
# bilinear as Pillow does it, which averages where it shrinks an image; nearest as Keras's flow_from_directory does.
Interpolation = Literal["bilinear", "nearest"]


class Images(Strict):
    """How the files of an archive become labelled images: all that decoding depends on."""

    image_size: Annotated[int, Field(ge=16, le=1024)]  # pixels a side, where params.yaml names none
    interpolation: Interpolation = "bilinear"  # of resizing, where params.yaml names none
    # Glob patterns of paths for each class; with `matlab`, of the label that stands in the file.
    classes: Annotated[dict[str, Annotated[tuple[str, ...], Field(min_length=1)]], Field(min_length=2)]
    ignore: tuple[str, ...] = ()  # beginnings of paths that are no part of the set
    shipped: Shipped | None = None
    expected: dict[str, int] | int | None = None  # images of each class, or in all; another number is warned of
    patient: str | None = None  # a regular expression; its group is the patient's id, where it takes part
    masks: str | None = None  # where an image's lesion mask lies: {label} and {stem} are filled in
    outlines: Outlines | None = None
    matlab: Matlab | None = None

    @field_validator("patient")
    @classmethod
    def _patient_has_one_group(cls, pattern: str | None) -> str | None:
        try:
            if pattern is not None and re.compile(pattern).groups != 1:
                raise ValueError(f"the pattern {pattern} needs one group, in brackets, around the patient's id")
        except re.error as error:
            raise ValueError(f"the pattern {pattern} is not a regular expression: {error}") from None
        return pattern

    @field_validator("masks")
    @classmethod
    def _masks_can_be_filled_in(cls, pattern: str | None) -> str | None:
        return pattern and _only_placeholders(pattern, "label", "stem")

    @model_validator(mode="after")
    def _classes_can_be_columns(self) -> "Images":
        if taken := sorted(TAKEN & self.classes.keys()):
            raise ValueError(f"classes: {', '.join(taken)} is the name of a column of the results; choose another")
        if isinstance(self.expected, dict) and (strange := self.expected.keys() - self.classes.keys()):
            raise ValueError(f"expected: {', '.join(sorted(strange))} not among the classes {', '.join(self.classes)}")
        given = [name for name in ("masks", "outlines", "matlab") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are both there; lesions can come from one of them only")
        return self


class UnionMember(Images):
    """A member of a union: how its own files become images, and which label of the union each of its classes has."""

    labels: dict[str, str]


class Dataset(Images):
    """An entry of the catalogue."""

    title: str
    used_by: str = ""
    provenance: Provenance = Provenance()
    source: Annotated[Source, Field(discriminator="kind")]
    # Labels of other sets, and the classes of this one that each stands for: what unions and external tests map by.
    other_labels: Annotated[dict[str, Annotated[tuple[str, ...], Field(min_length=1)]], Field(alias="as")] = Field(
        default_factory=dict
    )
    # Both are required; null where there is none.
    positive: str | None  # the class whose sensitivity counts, in a set of two classes
    healthy: (
        str | None
    )  # the one without disease, for the expected cost; null in a set of two: the one that is not positive

    @model_validator(mode="before")
    @classmethod
    def _classes_of_a_union_are_names(cls, content: Any) -> Any:  # noqa: ANN401
        """Its members have the patterns: a list of names becomes the mapping that other sets have."""
        source = content.get("source") if isinstance(content, dict) else None
        if not isinstance(source, dict) or source.get("kind") != "union":
            return content
        names = content.get("classes")
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise ValueError(
                "classes: of a union, write a list of names, such as [healthy, tumour]; the patterns of paths stand in "
                "its members' entries, and so does `as`, which says what their labels are here"
            )
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"classes: {', '.join(twice)} is listed twice; list each once")
        if own := [key for key in OF_FILES if content.get(key)]:
            raise ValueError(f"{' and '.join(own)}: a union has no files of its own; write it in its members' entries")
        return content | {"classes": {name: [name] for name in names}}

    @model_validator(mode="after")
    def _other_labels_stand_for_classes(self) -> "Dataset":
        for label, names in self.other_labels.items():
            if strange := [name for name in names if name not in self.classes]:
                raise ValueError(
                    f"as.{label}: {', '.join(strange)} not among the classes {', '.join(self.classes)} of this set; "
                    "write a label of another set, and then the classes of this one that it stands for"
                )
            if label in self.classes and names != (label,):
                raise ValueError(f"as.{label}: {label} is a class of this set, so it can stand for no other")
        return self

    @model_validator(mode="after")
    def _special_classes_exist(self) -> "Dataset":
        if self.positive is not None and self.positive not in self.classes:
            raise ValueError(f"positive: {self.positive} is not among the classes {', '.join(self.classes)}")
        if self.positive is None and len(self.classes) == 2:
            raise ValueError(f"positive: name the positive one of the two classes {', '.join(self.classes)}")
        if self.healthy is not None and self.healthy not in self.classes:
            raise ValueError(f"healthy: {self.healthy} is not among the classes {', '.join(self.classes)}")
        return self

    @property
    def without_disease(self) -> str | None:
        """The class without disease: the named one, or of two the one that is not positive."""
        others = [name for name in self.classes if name != self.positive]
        return others[0] if self.healthy is None and len(self.classes) == 2 else self.healthy


def _only_placeholders(pattern: str, *names: str) -> str:
    allowed = " and ".join(f"{{{name}}}" for name in names)
    try:
        pattern.format(**dict.fromkeys(names, ""))
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError(f"{pattern} may hold {allowed}, and no other brackets") from None
    return pattern
