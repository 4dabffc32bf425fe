"""catalog/reported.yaml: what the papers print. Scores are shares 0..1, the loss is in nats."""

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from medtransfer.settings.base import Strict

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Metric = Text  # one of evaluation.metrics.METRICS, or another name of one; `check` looks


class Result(Strict):
    """One row of a paper's table, or one sentence with numbers."""

    model: Text  # as in catalog/models.yaml
    printed_as: Text
    dataset: Text  # as in catalog/datasets.yaml
    source: Text  # the table, figure or section
    part: Literal["training", "validation", "test"] = "test"
    label: str | None = None  # the class that the scores are of; null: of all
    fold: Annotated[int, Field(ge=1)] | None = None
    statistic: Literal["mean", "variance", "standard deviation"] | None = None  # over folds
    metrics: dict[Metric, Annotated[float, Field(ge=0, lt=math.inf)]] = Field(default_factory=dict)
    confusion: tuple[tuple[Count, ...], ...] | None = None  # a row per actual class
    note: str = ""  # what is to be known beside these scores; the report shows it

    @model_validator(mode="after")
    def _says_something(self) -> "Result":
        if not self.metrics and self.confusion is None:
            raise ValueError("a result needs metrics or a confusion matrix")
        if self.confusion is not None and any(len(row) != len(self.confusion) for row in self.confusion):
            raise ValueError("confusion needs as many columns as rows")
        return self


class Images(Strict):
    """How many images each part of a data set had."""

    dataset: Text
    source: Text
    train: Count | None = None
    validation: Count | None = None
    test: Count | None = None
    total: Count | None = None
    note: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> "Images":
        parts = (self.train, self.validation, self.test)
        if None not in (*parts, self.total) and sum(part or 0 for part in parts) != self.total:
            raise ValueError(f"train, validation and test add up to {sum(part or 0 for part in parts)}, not to total")
        return self


class Timing(Strict):
    """How long training took."""

    model: Text
    source: Text
    seconds: Annotated[float, Field(gt=0)]
    per: Literal["fold", "training"]
    note: str = ""


class Tested(Strict):
    """A significance test of two models."""

    a: Text
    b: Text
    metric: Metric
    source: Text
    t: float
    p_above: Share
    note: str = ""


class Gain(Strict):
    """A difference between two models that a paper states, and not the scores of both: a less b, from low to high."""

    a: Text
    b: Text
    dataset: Text
    metric: Metric
    source: Text
    part: Literal["training", "validation", "test"] = "test"
    low: Annotated[float, Field(ge=-1, le=1)]
    high: Annotated[float, Field(ge=-1, le=1)]
    note: str = ""

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> "Gain":
        if self.low > self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}; swap them, or the models a and b")
        return self


class Literature(Strict):
    """A score that a paper quotes of another work."""

    printed_as: Text
    reference: Text  # as the paper numbers it, or what it calls it
    dataset: str = ""  # in the paper's words
    accuracy: Share
    source: Text


class Reported(Strict):
    """What one paper prints."""

    title: Text
    year: Annotated[int, Field(ge=2000, le=2100)]
    datasets: Annotated[tuple[Text, ...], Field(min_length=1)]
    stand_ins: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)  # a small study's model: the paper's models
    same_images: dict[Text, Text] = Field(default_factory=dict)  # another entry of a data set: the one in `results`
    results: Annotated[tuple[Result, ...], Field(min_length=1)]
    images: tuple[Images, ...] = ()
    timings: tuple[Timing, ...] = ()
    tests: tuple[Tested, ...] = ()
    differences: tuple[Gain, ...] = ()
    literature: tuple[Literature, ...] = ()
    remarks: tuple[Text, ...] = ()  # where the paper contradicts itself, or leaves open what a number is

    @model_validator(mode="after")
    def _data_sets_are_the_studys(self) -> "Reported":
        named = {result.dataset for result in self.results} | {images.dataset for images in self.images}
        named |= {gain.dataset for gain in self.differences}
        named |= {name for pair in self.same_images.items() for name in pair}
        if strange := named - set(self.datasets):
            raise ValueError(
                f"datasets: {', '.join(sorted(strange))} stands in a result or in same_images, and is not listed there"
            )
        return self
