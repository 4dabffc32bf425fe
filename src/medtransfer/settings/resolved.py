"""The configuration as stages depend on it: in parts, with every default and derived value written out.

`check` writes these parts (see `store.settings`), and DVC sees which of them changed: so a changed default reruns the
stages that use it, and no other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from medtransfer.errors import UserError
from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Dataset, Images, Source
from medtransfer.settings.load import PARAMS, Settings
from medtransfer.settings.recipes import Backbone, Recipe

# What `dvc exp show` has a column for.
HEADLINE = {
    "backbone": {"architecture", "weights", "trainable", "pooling", "image_size"},
    "head": {"dense", "dropout"},
    "training": {"optimizer", "learning_rate", "epochs", "batch_size", "schedule", "class_weights", "selection"},
}
Weights = dict[str, str | None]  # the kind of weights, and of a file its name and SHA-256


@dataclass(frozen=True)
class Origin:
    """What `download` needs."""

    source: Annotated[Source, Field(discriminator="kind")]


class Decoding(Images):
    """What `prepare` needs; the image size is that of params.yaml, where it names one."""

    max_rejected: float


@dataclass(frozen=True)
class Classes:
    """What everything after `prepare` needs of a data set."""

    names: list[str]
    positive: str | None  # the class whose sensitivity counts
    healthy: str | None  # the class without disease, where one is known

    def codes(self, labels: Iterable[str]) -> NDArray[np.int64]:
        """Numbers of labels (N), in the order of the names."""
        number = {name: place for place, name in enumerate(self.names)}
        return np.array([number[label] for label in labels], dtype=np.int64)

    def code(self, name: str | None) -> int | None:
        """The number of a class; None for none."""
        return None if name is None else self.names.index(name)


@dataclass(frozen=True)
class Card:
    """What the report says of a data set."""

    title: str
    expected: dict[str, int] | int | None
    shipped: bool  # whether it has a train and a test part of its own


class BackboneSettings(Strict):
    """What `features` needs of a model."""

    backbone: Backbone
    weights: Weights


class ModelSettings(Strict):
    """What `train` needs of a model."""

    recipe: Recipe
    weights: Weights


class LeakageSettings(Strict):
    """What the leakage experiment needs: no model where none of the study has a frozen backbone."""

    model: str | None
    recipe: Recipe | None = None
    weights: Weights = Field(default_factory=dict)


@dataclass(frozen=True)
class Members:
    """The members of an ensemble."""

    members: list[str]


def origin(entry: Dataset) -> Origin:
    """Of a data set."""
    return Origin(entry.source)


def decoding(settings: Settings, dataset: str) -> Decoding:
    """Of a data set."""
    entry = settings.dataset(dataset)
    values = {name: getattr(entry, name) for name in Images.model_fields}
    size, share = settings.image_size(dataset), settings.params.prepare.max_rejected
    return Decoding(**values | {"image_size": size, "max_rejected": share})


def classes(entry: Dataset) -> Classes:
    """Of a data set."""
    return Classes(list(entry.classes), entry.positive, entry.without_disease)


def card(entry: Dataset) -> Card:
    """Of a data set."""
    return Card(entry.title, entry.expected, entry.shipped is not None)


def leakage(settings: Settings, weights: Weights) -> LeakageSettings:
    """Raises UserError where the named recipe begins with pretraining."""
    if (name := settings.leakage_model) is None:
        return LeakageSettings(model=None)
    recipe = settings.recipe(name)
    if recipe.pretraining:
        raise UserError(
            f"{PARAMS}: leakage.model: {name} trains an autoencoder first, which the leakage experiment does not do; "
            "name another recipe"
        )
    return LeakageSettings(model=name, recipe=recipe, weights=weights)


def headline(settings: Settings) -> dict[str, object]:
    """What `dvc exp show` lists of the headline model, in a few columns; of an ensemble, its members."""
    name = settings.params.model
    if name in settings.ensembles:
        return {"members": ", ".join(settings.ensemble(name).members)}
    recipe = settings.recipe(name)
    backbone = recipe.backbone.model_dump(mode="json", include=HEADLINE["backbone"])
    head = recipe.head.model_dump(mode="json", include=HEADLINE["head"])
    return backbone | head | recipe.training.model_dump(mode="json", include=HEADLINE["training"])
