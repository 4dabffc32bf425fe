"""params.yaml: the active study."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from medtransfer.schema.base import Strict


class Study(Strict):
    """What is compared with what."""

    other_datasets: tuple[str, ...]  # prepared too, to count the images they share with the active one
    models: Annotated[tuple[str, ...], Field(min_length=1)]
    ensembles: tuple[str, ...]  # votes of some of the models


class Prepare(Strict):
    """How images are read out of the archive."""

    image_size: Annotated[int, Field(ge=16, le=1024)] | Literal["default"]  # pixels a side; default: the data set's own
    max_rejected: Annotated[float, Field(ge=0, le=1)]  # share of the classes' files, all together, that may be unusable


class Split(Strict):
    """Held-out test set, and folds or one validation part of the rest."""

    strategy: Literal["grouped", "random", "shipped"]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]  # of all images; `shipped` brings its own test set
    folds: Annotated[int, Field(ge=1, le=20)]  # 1: no cross-validation, one part to validate on
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] | None  # of all images, where folds is 1
    twin_distance: Annotated[int, Field(ge=0, le=64)]  # bits of 256 within which two images are called near twins
    group_distance: Annotated[int, Field(ge=0, le=64)]  # and within which they are kept together: docs/near-twins.md
    conflicting_labels: Literal["drop", "keep"]  # images with the same pixels under two labels

    @model_validator(mode="after")
    def _folds_or_one_validation_part(self) -> "Split":
        if self.folds == 1 and self.validation_fraction is None:
            raise ValueError("folds = 1 leaves nothing to validate on: set validation_fraction too, or more folds")
        if self.folds > 1 and self.validation_fraction is not None:
            raise ValueError(
                f"validation_fraction = {self.validation_fraction:g} needs folds: 1; with folds: {self.folds}, "
                "write validation_fraction: null"
            )
        if self.validation_fraction is not None and self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("test_fraction and validation_fraction together leave no image to train on: lower them")
        if self.group_distance < self.twin_distance:
            raise ValueError(
                f"group_distance = {self.group_distance} is smaller than twin_distance = {self.twin_distance}: near "
                "twins would be torn apart; raise it"
            )
        return self


class Explain(Strict):
    """How many overlays a figure shows, and how they are drawn."""

    images_per_class: Annotated[int, Field(ge=1, le=8)]  # of the right and of the wrong predictions each
    overlay: Literal["shaded", "contours"] = "shaded"  # contours: with white lines where the heat is equal


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
    def _names_are_named_once(self) -> "Params":
        for key, names in (
            ("models", self.study.models),
            ("ensembles", self.study.ensembles),
            ("other_datasets", self.study.other_datasets),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"study.{key}: {', '.join(twice)} stands there twice; name each once")
        if self.dataset in self.study.other_datasets:
            raise ValueError(
                f"study.other_datasets: {self.dataset} is the active data set already; name only others there"
            )
        return self
