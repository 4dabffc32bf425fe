"""params.yaml: the active study."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Interpolation


class Study(Strict):
    """What is compared with what."""

    other_datasets: tuple[str, ...]  # prepared too, to count the images they share with the active one
    sources: tuple[str, ...]  # models of other data sets that some of the models start from: settings/sources.py
    external: tuple[str, ...]  # of the other data sets, those that the models are scored on
    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...]  # of the training rows, for learning curves
    draws: Annotated[int, Field(ge=1, le=20)]  # subsets of each fraction below a half
    models: Annotated[tuple[str, ...], Field(min_length=1)]
    ensembles: tuple[str, ...]  # of some of the models

    @property
    def compared(self) -> tuple[str, ...]:
        """Everything that is compared: the models, then the ensembles."""
        return (*self.models, *self.ensembles)

    @model_validator(mode="after")
    def _fractions_grow_to_all(self) -> "Study":
        if self.fractions and (list(self.fractions) != sorted(set(self.fractions)) or self.fractions[-1] != 1):
            raise ValueError("fractions: write them from the smallest to the largest, each once, and 1 as the last")
        if strange := [name for name in self.external if name not in self.other_datasets]:
            wider = ",".join([*self.other_datasets, *strange])
            raise ValueError(
                f"external: {', '.join(strange)} is not among study.other_datasets, which are prepared; add it: "
                f"-S 'study.other_datasets=[{wider}]'"
            )
        return self


class Prepare(Strict):
    """How images are read out of the archive."""

    image_size: Annotated[int, Field(ge=16, le=1024)] | Literal["default"]  # pixels a side; default: the data set's own
    interpolation: Interpolation | Literal["default"]  # of resizing to it; default: the data set's own
    max_rejected: Annotated[float, Field(ge=0, le=1)]  # share of the classes' files, all together, that may be unusable


class Duplicates(Strict):
    """When two images are copies of one picture, in any orientation: docs/near-duplicates.md."""

    hash_distance: Annotated[int, Field(ge=0, le=64)]  # bits of 256 within which the perceptual hash alone decides
    copy_similarity: Annotated[float, Field(ge=0.5, le=1)]  # of registered images, from which they are copies
    group_similarity: Annotated[float, Field(ge=0.5, le=1)]  # and from which they are kept on one side of a split
    group_thumbnail: Annotated[float, Field(ge=0.5, le=1)]  # correlation of thumbnails, from which they are too

    @model_validator(mode="after")
    def _copies_stay_together(self) -> "Duplicates":
        if self.group_similarity > self.copy_similarity:
            raise ValueError(
                f"group_similarity = {self.group_similarity:g} is larger than copy_similarity = "
                f"{self.copy_similarity:g}: copies would be torn apart; lower it"
            )
        return self


class LeakageExperiment(Strict):
    """What leakage is worth: heads trained with and without the copies of test images."""

    model: (
        str  # a recipe; `default`: the headline model or, where that trains its backbone, the study's first frozen one
    )
    repeats: Annotated[int, Field(ge=1, le=50)]  # random splits, each with seeds of its own


class Split(Strict):
    """Held-out test set, and folds or one validation part of the rest."""

    strategy: Literal["grouped", "random", "shipped"]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]  # of all images; `shipped` brings its own test set
    folds: Annotated[int, Field(ge=1, le=20)]  # 1: no cross-validation, one part to validate on
    repeats: Annotated[int, Field(ge=1, le=20)]  # of the cross-validation, each with folds of its own
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] | None  # of all images, where folds is 1
    conflicting_labels: Literal["drop", "keep"]  # images whose picture stands under two labels

    @property
    def trained_folds(self) -> int:
        """How often a model is trained: the folds of all repeats."""
        return self.folds * self.repeats

    @model_validator(mode="after")
    def _folds_or_one_validation_part(self) -> "Split":
        if self.folds == 1 and self.validation_fraction is None:
            raise ValueError("folds = 1 leaves nothing to validate on: set validation_fraction too, or more folds")
        if self.folds == 1 and self.repeats > 1:
            raise ValueError(f"repeats = {self.repeats} needs more folds than 1: set folds too, or repeats: 1")
        if self.folds > 1 and self.validation_fraction is not None:
            raise ValueError(
                f"validation_fraction = {self.validation_fraction:g} needs folds: 1; with folds: {self.folds}, "
                "write validation_fraction: null"
            )
        if self.validation_fraction is not None and self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("test_fraction and validation_fraction together leave no image to train on: lower them")
        return self


class Evaluate(Strict):
    """How a trained model is scored on the held-out test set."""

    # mean: the folds' mean probability; folds: each fold's network; refit: one trained on all development rows
    tested: Literal["mean", "folds", "refit"]
    # argmax: the most probable class; a number: the sensitivity, reached on development images, that sets the threshold
    threshold: Literal["argmax"] | Annotated[float, Field(gt=0, lt=1)]

    @field_validator("threshold", mode="before")
    @classmethod
    def _threshold_is_a_rule_or_a_share(cls, value: object) -> object:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value != "argmax" and not (number and 0 < float(str(value)) < 1):
            raise ValueError(f"{value}: write argmax, or a sensitivity between 0 and 1")
        return value

    prevalence: Annotated[float, Field(gt=0, lt=1)] | None  # at which PPV and NPV are stated
    coverage: Annotated[float, Field(gt=0, lt=1)]  # chance with which a prediction set holds the true class
    missed: Annotated[float, Field(gt=0)]  # cost of disease that is called healthy; any other error costs 1


class Compare(Strict):
    """Which models are compared with which, and what difference would matter."""

    baseline: str | None  # one of the models: each other one is compared with it alone; null: all pairs
    equivalence: Annotated[float, Field(gt=0, lt=0.5)]  # difference in a score below which two models are equivalent


class Explain(Strict):
    """Which saliency maps are drawn and scored, and how they are drawn."""

    methods: Annotated[tuple[str, ...], Field(min_length=1)]  # of explain.methods.METHODS; the first is the headline's
    images_per_class: Annotated[int, Field(ge=1, le=8)]  # of the right and of the wrong predictions each
    images: Annotated[tuple[str, ...], Field(max_length=24)]  # ids that every model is shown on; none: chosen by rule
    overlay: Literal["shaded", "contours"]  # contours: with white lines of equal value

    @model_validator(mode="after")
    def _names_are_named_once(self) -> "Explain":
        for key, names in (("methods", self.methods), ("images", self.images)):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{key}: {', '.join(twice)} is listed twice; list each once")
        return self


class Params(Strict):
    """params.yaml: the active study."""

    dataset: str
    model: str  # the headline model
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    study: Study
    prepare: Prepare
    duplicates: Duplicates
    split: Split
    leakage: LeakageExperiment
    evaluate: Evaluate
    compare: Compare
    explain: Explain

    @model_validator(mode="after")
    def _names_are_named_once(self) -> "Params":
        for key, names in (
            ("models", self.study.models),
            ("ensembles", self.study.ensembles),
            ("other_datasets", self.study.other_datasets),
            ("sources", self.study.sources),
            ("external", self.study.external),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"study.{key}: {', '.join(twice)} is listed twice; list each once")
        if self.compare.baseline is not None and self.compare.baseline not in self.study.compared:
            raise ValueError(
                f"compare.baseline: {self.compare.baseline} is not among the models and ensembles of the study; valid "
                f"are {', '.join(self.study.compared)}"
            )
        if self.dataset in self.study.other_datasets:
            raise ValueError(
                f"study.other_datasets: {self.dataset} is the active data set already; name only others there"
            )
        return self
