"""Scores of several models together, and what is compared of them."""

from pathlib import Path
from typing import TypeVar

from medtransfer.store.artefacts import Artefact
from medtransfer.store.formats import TABLE, Table, record
from medtransfer.store.records import Comparison

T = TypeVar("T")


def comparison(dataset: str) -> Artefact[Comparison]:
    """Fold scores of every model, and the tests between them."""
    return Artefact(Path(f"metrics/comparison/{dataset}/folds.json"), record(Comparison))


def held_out_comparison(dataset: str, kind: type[T]) -> Artefact[T]:
    """The tests between models on the held-out images, of a type that `comparison` defines."""
    return Artefact(Path(f"metrics/comparison/{dataset}/held_out.json"), record(kind))


def fractions(dataset: str, model: str) -> Artefact[Table]:
    """Trained on fractions: fraction, draw, images and groups (of a fold, mean), id, actual, a probability a class."""
    return Artefact(Path(f"metrics/fractions/{dataset}/{model}.csv"), TABLE)


def learning_curves(dataset: str, kind: type[T]) -> Artefact[T]:
    """Accuracy against the number of training images, of a type that `comparison` defines."""
    return Artefact(Path(f"metrics/comparison/{dataset}/learning_curves.json"), record(kind))
