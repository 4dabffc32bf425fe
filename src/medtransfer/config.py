"""The schema of params.yaml, catalog/ and studies/: read once, checked whole, before anything runs.

Everything a stage is told comes through `load`, the only reader of these files. A misspelt key, an
unknown model or data set, or an impossible value raises `UserError` naming the file, the key and what
would be valid.
"""

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from medtransfer.errors import UserError

PARAMS = Path("params.yaml")
DATASETS = Path("catalog/datasets.yaml")
MODELS = Path("catalog/models.yaml")


class Strict(BaseModel):
    """Refuses keys it does not know; immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Schema = TypeVar("Schema", bound=Strict)


# params.yaml


class Study(Strict):
    """What is compared with what."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]


class Prepare(Strict):
    """How images are read out of the archive."""

    image_size: Annotated[int, Field(ge=16, le=1024)] | Literal["default"]  # pixels a side; default: the data set's own
    max_rejected: Annotated[float, Field(ge=0, le=1)]  # share of files that may be unreadable


class Split(Strict):
    """Held-out test set and folds."""

    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    folds: Annotated[int, Field(ge=2, le=20)]


class Explain(Strict):
    """How many overlays a figure shows."""

    images_per_class: Annotated[int, Field(ge=1, le=8)]  # of the right and of the wrong predictions each


class Params(Strict):
    """params.yaml: the active study."""

    dataset: str
    model: str  # the headline model
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    study: Study
    prepare: Prepare
    split: Split
    explain: Explain

    @model_validator(mode="after")
    def _models_are_named_once(self) -> "Params":
        names = self.study.models
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"study.models: {', '.join(twice)} stands there twice; name each model once")
        return self


# catalog/datasets.yaml


class PhantomSource(Strict):
    """The embedded data set: slices made by code."""

    kind: Literal["phantom"]
    size: Annotated[int, Field(ge=24, le=512)]  # pixels a side
    patients: Annotated[int, Field(ge=8)]
    slices_per_patient: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]


class KaggleSource(Strict):
    """A data set on Kaggle, downloaded with its official client."""

    kind: Literal["kaggle"]
    slug: Annotated[str, Field(pattern=r"^[\w-]+/[\w-]+$")]  # owner/name
    version: Annotated[int, Field(ge=1)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # of the zip; null: any


SOURCES: dict[str | None, type[Strict]] = {"phantom": PhantomSource, "kaggle": KaggleSource}


class Dataset(Strict):
    """How an archive becomes labelled images."""

    title: str
    source: Annotated[PhantomSource | KaggleSource, Field(discriminator="kind")]
    image_size: Annotated[int, Field(ge=16, le=1024)]  # pixels a side, where params.yaml names none
    classes: Annotated[dict[str, Annotated[tuple[str, ...], Field(min_length=1)]], Field(min_length=2)]
    positive: str | None = None  # the class whose sensitivity counts, in a set of two classes
    patient: str | None = None  # a regular expression; its group is the patient's id
    masks: str | None = None  # where an image's lesion mask lies: {label} and {stem} are filled in

    @field_validator("patient")
    @classmethod
    def _patient_has_one_group(cls, pattern: str | None) -> str | None:
        try:
            if pattern is not None and re.compile(pattern).groups != 1:
                raise ValueError(f"the pattern {pattern} needs one group, in brackets, around the patient's id")
        except re.error as error:
            raise ValueError(f"the pattern {pattern} is no regular expression: {error}") from None
        return pattern

    @field_validator("masks")
    @classmethod
    def _masks_can_be_filled_in(cls, pattern: str | None) -> str | None:
        try:
            (pattern or "").format(label="", stem="")
        except (KeyError, IndexError, ValueError):
            raise ValueError(f"{pattern} may hold {{label}} and {{stem}}, and no other brackets") from None
        return pattern

    @model_validator(mode="after")
    def _positive_is_a_class(self) -> "Dataset":
        if self.positive is not None and self.positive not in self.classes:
            raise ValueError(f"positive: {self.positive} is not among the classes {', '.join(self.classes)}")
        if self.positive is None and len(self.classes) == 2:
            raise ValueError(f"positive: name the positive one of the two classes {', '.join(self.classes)}")
        return self


# catalog/models.yaml


def _fraction_or_layer(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or (isinstance(value, int | float) and not 0 < value < 1):
        raise ValueError("trainable is none, all, a fraction between 0 and 1, or the name of a layer")
    return value


class Backbone(Strict):
    """From image to features. What the features stage depends on."""

    architecture: str  # a name in models/registry.py
    weights: Literal["imagenet"] | None  # null: random ones
    trainable: Annotated[str | float, BeforeValidator(_fraction_or_layer)]
    pooling: Literal["average", "max", "flatten"]
    image_size: Annotated[int, Field(ge=16, le=1024)] | None = None  # null: as prepared
    alpha: Annotated[float, Field(gt=0, le=2)] | None = None  # width of a MobileNet

    @property
    def frozen(self) -> bool:
        """Whether the features can be computed once, before any training."""
        return self.trainable == "none"


class Head(Strict):
    """From features to logits."""

    normalise_features: bool  # batch normalisation before the first dense layer
    dense: tuple[Annotated[int, Field(ge=1)], ...]  # units of the hidden layers
    dropout: Annotated[float, Field(ge=0, lt=1)]


class Training(Strict):
    """The optimizer and its steps."""

    optimizer: Literal["adam", "sgd", "rmsprop"]
    learning_rate: Annotated[float, Field(gt=0, lt=math.inf)]
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]


class Recipe(Strict):
    """One model of the catalogue."""

    backbone: Backbone
    head: Head
    training: Training


@dataclass(frozen=True)
class Config:
    """Everything that is configured, checked."""

    params: Params
    datasets: dict[str, Dataset]
    recipes: dict[str, Recipe]

    def dataset(self, name: str) -> Dataset:
        """The catalogue's entry for a data set."""
        return self.datasets[_known(name, self.datasets, "data set", DATASETS)]

    def recipe(self, name: str) -> Recipe:
        """The catalogue's recipe for a model."""
        return self.recipes[_known(name, self.recipes, "model", MODELS)]

    def image_size(self, dataset: str) -> int:
        """Pixels a side of the prepared images of a data set."""
        size = self.params.prepare.image_size
        return self.dataset(dataset).image_size if size == "default" else size


def load(root: Path = Path()) -> Config:
    """Read and check params.yaml and the catalogue under `root`, and that the one names what is in the other."""
    params = _parse(Params, _mapping(root / PARAMS), root / PARAMS)
    datasets = _catalogue(Dataset, root / DATASETS)
    recipes = _catalogue(Recipe, root / MODELS)
    config = Config(params, datasets, recipes)
    _known(params.dataset, datasets, "data set", PARAMS, "dataset")
    for key, name in [("model", params.model), *(("study.models", name) for name in params.study.models)]:
        _known(name, recipes, "model", PARAMS, key)
    if params.model not in params.study.models:
        wider = ",".join([*params.study.models, params.model])
        raise UserError(
            f"{PARAMS}: model: the headline model {params.model} is not among study.models "
            f"({', '.join(params.study.models)}); add it there: dvc exp run -S model={params.model} "
            f"-S 'study.models=[{wider}]', or choose one of them"
        )
    return config


def _mapping(path: Path) -> dict[str, Any]:
    """A YAML file's content, read as YAML 1.2, which is what `dvc exp run -S` writes."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; restore it with: git checkout {path}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        where = " ".join(str(error).split())
        raise UserError(f"{path} is not valid YAML: {where}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} must be a mapping of keys to values, and is {type(content).__name__}")
    return content


def _catalogue(schema: type[Schema], path: Path) -> dict[str, Schema]:
    return {name: _parse(schema, entry, path, name) for name, entry in _mapping(path).items()}


def _parse(schema: type[Schema], content: Any, path: Path, entry: str | None = None) -> Schema:  # noqa: ANN401
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        complaints = [_complaint(schema, problem, entry) for problem in error.errors()]
        raise UserError(f"{path}: {'; '.join(complaints)}") from None


def _complaint(schema: type[Strict], problem: Any, entry: str | None) -> str:  # noqa: ANN401
    """One pydantic problem in words: the key, what is wrong, what would be valid."""
    keys = [str(part) for part in problem["loc"] if part not in SOURCES]
    key = ".".join(([entry] if entry else []) + keys)
    match problem["type"]:
        case "extra_forbidden":
            source = next((part for part in problem["loc"] if part in SOURCES), None)
            return f"{key} is no known key; {choices(keys[-1], _fields_at(schema, keys[:-1], source))}"
        case "missing":
            return f"{key} is missing"
        case "value_error":
            message = str(problem["ctx"]["error"])
            return f"{key}: {message}" if key else message
        case _:
            return f"{key} = {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}"


def _fields_at(schema: type[Strict], keys: list[str], source: str | None) -> list[str]:
    """The keys that are valid under a path of keys."""
    for key in keys:
        annotation = SOURCES[source] if source else schema.model_fields[key].annotation
        schema = annotation if isinstance(annotation, type) else schema
    return list(schema.model_fields)


def choices(name: str, valid: Iterable[str]) -> str:
    """What was probably meant, and what is valid."""
    options = list(valid)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}valid are {', '.join(options)}"


def _known(name: str, valid: Iterable[str], what: str, path: Path, key: str | None = None) -> str:
    options = list(valid)
    if name in options:
        return name
    place = f"{path}: {key}: " if key else f"{path}: "
    raise UserError(f"{place}there is no {what} called {name!r}; {choices(name, options)}")
