"""What is kept of a study of transfer, so that docs/transfer.md can be written from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medtransfer.comparison.contrasts import CONTRASTS, Contrast
from medtransfer.comparison.learning_curves import LearningCurves
from medtransfer.settings.recipes import Recipe, Trainable
from medtransfer.store.external_records import Bounded, External
from medtransfer.store.interval import Interval

RANDOM, IMAGENET = "random", "ImageNet"
# Those of every study, and which pretrained weights are better.
QUESTIONS = CONTRASTS | {
    "source": Contrast(
        "Weights of another data set against ImageNet's",
        "pretrained on another data set",
        "pretrained on ImageNet",
        lambda a, b: a.backbone.source is not None and b.backbone.weights == "imagenet",
        frozenset({"backbone.weights"}),
    )
}


@dataclass(frozen=True)
class Part:
    """Images of a split."""

    images: int
    groups: int


@dataclass(frozen=True)
class SourceResult:
    """A model of other data sets, for its weights."""

    name: str
    datasets: list[str]
    recipe: str  # in words
    classes: int
    images: int
    copies: dict[str, dict[str, int]]  # by data set whose copies are left out: images, by kind of copy
    left_out: int  # a copy of an image of two data sets counts once
    trained: int
    validated: int
    accuracy: float  # on these


@dataclass(frozen=True)
class ModelResult:
    """A model of the study."""

    architecture: str
    weights: str  # that it starts from
    trained: str  # which part of it
    recipe: str  # in words
    accuracy: Bounded  # on the test set


@dataclass(frozen=True)
class PairResult:
    """Two models of one architecture that answer a question: a less b, on the test set."""

    question: str  # a key of QUESTIONS
    a: str
    b: str
    difference: Interval  # in accuracy
    holm_p: float | None  # for the pairs of this question
    told_apart: bool
    detectable: float | None  # the true difference that would be seen with 80 % power
    also: list[str]  # keys of the recipes in which the two differ beside the question


@dataclass(frozen=True)
class TransferResult:
    """One study."""

    study: str
    dataset: str
    title: str
    image_size: int  # pixels a side
    strategy: str  # of splitting
    folds: int
    development: Part
    test: Part
    copies: int  # test images with a copy in development
    sources: list[SourceResult]
    models: dict[str, ModelResult]
    pairs: list[PairResult]
    curves: LearningCurves
    external: list[External]  # accuracy and AUC
    software: dict[str, str]  # versions


def weights_in_words(recipe: Recipe) -> str:
    """Where a model's weights come from: random, ImageNet, data sets, or a file."""
    match recipe.backbone.weights:
        case None:
            return RANDOM
        case "imagenet":
            return IMAGENET
        case str(file):
            return file
        case source:
            return " and ".join(source.dataset)


def trained_in_words(recipe: Recipe) -> str:
    """Which part of a model is trained, phase after phase."""
    phases = recipe.training.phases
    parts = [_part(phase.trainable) for phase in phases] if phases else [_part(recipe.backbone.trainable)]
    return ", then ".join(dict.fromkeys(parts))


def _part(trainable: Trainable) -> str:
    if isinstance(trainable, float):
        return f"last {trainable:.0%} of the backbone"
    return {"none": "head", "all": "whole network"}.get(trainable, f"from {trainable} on")


def by_architecture(models: Mapping[str, ModelResult]) -> dict[str, list[str]]:
    """The names of the models of each architecture."""
    names: dict[str, list[str]] = {}
    for name, model in models.items():
        names.setdefault(model.architecture, []).append(name)
    return names


def of_question(pairs: Sequence[PairResult], question: str) -> list[PairResult]:
    """The pairs that answer one question."""
    return [pair for pair in pairs if pair.question == question]
