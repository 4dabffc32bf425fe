"""What stages hand on in JSON: small typed records. `store` says where each lies."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import TypeAdapter, model_serializer, model_validator

from medtransfer.store.interval import Interval

Values = dict[str, float]  # by metric


@dataclass(frozen=True)
class Origin:
    """Where an archive came from."""

    source: dict[str, Any]  # the catalogue's `source`
    licence: str  # as the source states it
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Background:
    """How alike the images of a set are that show different pictures."""

    similarity: float


@dataclass(frozen=True)
class Training:
    """What a trained model is, besides its weights and its history."""

    weights: dict[str, str]  # where the backbone's weights come from: models.weights.provenance
    architecture: str
    explained_layer: str  # whose feature map explanations read
    frozen: bool  # whether the folds share one backbone
    pretrained: bool  # whether each fold has an autoencoder
    parameters: int
    trainable_parameters: int
    selected_epochs: list[int]  # a fold each, from 1
    refit_epochs: int | None = None  # of the network that is trained on all development rows, where there is one
    software: dict[str, str] = field(default_factory=dict)  # versions that the lock file pins: models.software

    @property
    def folds(self) -> int:
        """How many folds were trained."""
        return len(self.selected_epochs)


@dataclass(frozen=True)
class Times:
    """Wall-clock seconds of what made a file."""

    of: str  # SHA-256 of that file: where it has another, the times are of another run
    seconds: list[float]
    machine: dict[str, str] = field(default_factory=dict)  # what may differ under one lock file: models.software
    joules: list[float | None] = field(default_factory=list)  # one for each of the seconds; None: not measured


@dataclass(frozen=True)
class Rate:
    """How quick a trained model is on this machine."""

    of: str  # SHA-256 of its history
    images_a_second: float  # at inference, of one network


class Bounds(NamedTuple):
    """A 95 % interval: a list of three in its file."""

    low: float
    high: float
    method: str  # one of those of evaluation.intervals


class Flat:
    """A record whose `values` stand beside the other keys in its file."""

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, content: dict[str, Any]) -> dict[str, Any]:
        fields = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        rest = {key: value for key, value in content.items() if key in fields}
        values = {key: value for key, value in content.items() if key not in fields}
        return rest | {"values": values}

    @model_serializer
    def _to_file(self) -> dict[str, Any]:
        return _flat(self)


def _flat(record: Flat) -> dict[str, Any]:
    rest = {key: value for key, value in vars(record).items() if value is not None}
    # Pydantic does not look into what a serializer returns: a record within is made flat here.
    inner = {key: _flat(value) if isinstance(value, Flat) else value for key, value in rest.items()}
    return inner.pop("values") | inner


@dataclass(frozen=True)
class Intervals(Flat):
    """The intervals of scores, under the scores' keys. A score whose interval cannot be told has no key."""

    values: dict[str, Bounds]
    macro: dict[str, Bounds]
    weighted: dict[str, Bounds]
    per_class: list[dict[str, Bounds]]


@dataclass(frozen=True)
class Scores(Flat):
    """Scores of one set of predictions."""

    values: Values  # of a metric per class, the positive class's or else the mean
    macro: Values  # means over classes
    weighted: Values  # means over classes, each weighed by its images
    per_class: list[Values]
    confusion: list[list[int]]  # a row per actual class
    intervals: Intervals | None = None  # of the tested model on the test set


@dataclass(frozen=True)
class CopyFree:
    """Accuracy on the test images without a copy in development; None where there is no such image."""

    images: int
    accuracy: float | None
    interval: tuple[float, float] | None  # 95 %


@dataclass(frozen=True)
class FoldScores:
    """Scores of the model that one fold trained."""

    fold: int
    validation: Scores  # on what the fold leaves out
    test: Scores


@dataclass(frozen=True)
class Evaluation:
    """All scores of a model."""

    dataset: str
    model: str
    strategy: str  # of splitting
    classes: list[str]
    averaging: str  # the class that `values` are of, or "mean over classes"
    tested: str  # params.evaluate.tested: mean, folds or refit
    images: int  # of the test set
    groups: int  # that these images are of: patients, or pictures with their copies
    test: Scores  # of the tested model
    test_copy_free: CopyFree
    folds: list[FoldScores]
    disease: Scores | None = None  # no disease, disease: of a set with a healthy class and several diseases

    @classmethod
    def of(cls, **content: Any) -> "Evaluation":  # noqa: ANN401
        """From plain values as they stand in the file."""
        return TypeAdapter(cls).validate_python(content)

    def validation(self, metric: str) -> list[float]:
        """One metric on what each fold leaves out."""
        return [fold.validation.values[metric] for fold in self.folds]


@dataclass(frozen=True)
class PairedDifference:
    """One test of one metric between two models. In its file the statistic stands under its symbol."""

    a: str
    b: str
    metric: str
    test: str
    mean_difference: float  # of a - b over folds
    standard_deviation: float
    symbol: str  # empty of a test without a statistic
    statistic: float | None  # None, as p and interval, where the test has none or it is undefined
    p: float | None
    folds: int
    interval: tuple[float, float] | None = None
    probabilities: tuple[float, float, float] | None = None  # that a is higher, equivalent, lower
    note: str = ""  # what this result cannot say
    holm_p: float | None = None  # p for the family of all pairs

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, content: dict[str, Any]) -> dict[str, Any]:
        rest = dict(content)
        named = {key: rest.pop(key) for key in content if key not in cls.__dataclass_fields__}
        symbol, statistic = next(iter(named.items()), ("", None))
        return rest | {"symbol": symbol, "statistic": statistic}

    @model_serializer
    def _to_file(self) -> dict[str, Any]:
        content: dict[str, Any] = {"a": self.a, "b": self.b, "metric": self.metric, "test": self.test}
        content |= {"mean_difference": self.mean_difference, "standard_deviation": self.standard_deviation}
        content |= {self.symbol: self.statistic} if self.symbol else {}
        content |= {"p": self.p, "folds": self.folds}
        rest = {name: getattr(self, name) for name in ("interval", "probabilities", "note", "holm_p")}
        return content | {name: value for name, value in rest.items() if value not in (None, "")}


@dataclass(frozen=True)
class Comparison:
    """Every model's validation scores, and the tests between each two."""

    dataset: str
    fold_scores: dict[str, dict[str, list[float]]]  # model, metric: a value per fold
    pairs: list[PairedDifference]


@dataclass(frozen=True)
class HeadlineMetrics:
    """What `dvc metrics diff` compares."""

    dataset: str
    model: str
    test: Values
    test_interval: dict[str, dict[str, float]]  # by metric: low and high, 95 %; of those whose interval can be told
    test_copy_free: dict[str, int | float | None]  # images, accuracy, and the interval's low and high
    validation: Values  # means over folds
    validation_interval: dict[str, dict[str, float]]


@dataclass(frozen=True)
class MethodScores:
    """How far one map of an explanation method falls on lesions: means over the test images predicted right.

    The scores, all in 0..1, are None where no such image has a lesion mask.
    """

    method: str  # its key in METHODS, which names its figure
    title: str  # of the map
    map: tuple[int, int]  # height and width in cells
    images: int
    pointing_game: float | None  # chance that a pixel of the highest cell lies on the lesion
    energy_inside: float | None  # share of the map's sum that lies on the lesion
    chance: float | None  # share of the image that is lesion: what a uniform map would score
    groups: int = 0  # that these images are of
    pointing_above_chance: Interval | None = None  # paired by image, the interval by groups
    energy_above_chance: Interval | None = None
