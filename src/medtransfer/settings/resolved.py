"""The configuration as stages depend on it: in parts, with every default and derived value written out.

`check` writes these parts (`store.settings_of_dataset`, `store.settings_of_model`), and DVC sees which of them changed:
a changed default reruns the stages that use it, and no other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from medtransfer.settings.augmentation import Augmentation
from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import (
    Dataset,
    Images,
    KaggleSource,
    LocalSource,
    OneSource,
    PhantomSource,
    Provenance,
    ShapesSource,
    UnionMember,
    UnionSource,
)
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import PARAMS
from medtransfer.settings.load import Settings
from medtransfer.settings.recipes import Backbone, Recipe
from medtransfer.settings.sources import SourceWeights
from medtransfer.settings.unions import members_of

# What `dvc exp show` has a column for.
HEADLINE = {
    "backbone": {"architecture", "weights", "trainable"},
    "head": {"dense", "dropout"},
    "training": {"optimizer", "learning_rate", "epochs", "batch_size"},
}
Weights = dict[str, str | None]  # the kind of weights, and of a file its name and SHA-256


class MemberSources(Strict):
    """Of a union: where each member comes from."""

    kind: Literal["union"] = "union"
    members: dict[str, OneSource]


@dataclass(frozen=True)
class Origin:
    """What `download` needs."""

    source: Annotated[
        PhantomSource | ShapesSource | KaggleSource | LocalSource | MemberSources, Field(discriminator="kind")
    ]


class Decoding(Images):
    """What `prepare` needs; image size and interpolation are those of params.yaml, where it names one."""

    max_rejected: float
    members: dict[str, UnionMember] = Field(default_factory=dict)  # of a union, whose own `classes` have no patterns


@dataclass(frozen=True)
class Classes:
    """What everything after `prepare` needs of a data set."""

    names: list[str]
    positive: str | None  # the class whose sensitivity counts
    healthy: str | None = None  # the class without disease, where there are several diseases

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
    provenance: Provenance = field(default_factory=Provenance)


class BackboneSettings(Strict):
    """What `features` needs of a model."""

    backbone: Backbone
    weights: Weights


class ModelSettings(Strict):
    """What `train` needs of a model."""

    recipe: Recipe
    weights: Weights
    healthy: str | None  # the class without disease, where the loss asks for it
    refit: bool = False  # whether one more network is trained, on all development rows


class LeakageSettings(Strict):
    """What the leakage experiment needs: no model where none of the study has a frozen backbone."""

    model: str | None
    settings: ModelSettings | None


class RobustnessSettings(Strict):
    """The headline model, where its backbone is frozen: then its head is trained with further seeds."""

    settings: ModelSettings | None


class SourceSettings(Strict):
    """What the training of a source needs."""

    datasets: tuple[str, ...]
    recipe: Recipe
    weights: Weights
    healthy: str | None  # the class without disease, where the loss asks for it


@dataclass(frozen=True)
class Members:
    """The members of an ensemble."""

    members: list[str]


def origin(settings: Settings, dataset: str) -> Origin:
    """Of a data set."""
    source = settings.dataset(dataset).source
    if isinstance(source, UnionSource):
        sources = {member: settings.dataset(member).source for member in source.members}
        return Origin(MemberSources.model_validate({"members": sources}))
    return Origin(source)


def decoding(settings: Settings, dataset: str) -> Decoding:
    """Of a data set."""
    entry = settings.dataset(dataset)
    values = {name: getattr(entry, name) for name in Images.model_fields}
    size = {"image_size": settings.image_size(dataset), "interpolation": settings.interpolation(dataset)}
    share, members = settings.params.prepare.max_rejected, members_of(dataset, settings.datasets)
    of_size = {name: member.model_copy(update=size) for name, member in members.items()}
    return Decoding(**values | size | {"max_rejected": share, "members": of_size})


def classes(entry: Dataset) -> Classes:
    """Of a data set."""
    return Classes(list(entry.classes), entry.positive, entry.healthy if len(entry.classes) > 2 else None)


def card(entry: Dataset) -> Card:
    """Of a data set."""
    return Card(entry.title, entry.expected, entry.shipped is not None, entry.provenance)


def backbone(settings: Settings, model: str, weights: Weights) -> BackboneSettings:
    """Of a model."""
    return BackboneSettings(backbone=in_effect(settings.recipe(model)).backbone, weights=weights)


def model(settings: Settings, name: str, weights: Weights) -> ModelSettings:
    """Of a model on the active data set. Of the ways to test a model, only `refit` changes what is trained."""
    recipe, entry = in_effect(settings.recipe(name)), settings.dataset(settings.params.dataset)
    healthy = entry.without_disease if recipe.training.loss.kind == "expected_cost" else None
    refit = settings.params.evaluate.tested == "refit"
    return ModelSettings(recipe=recipe, weights=weights, healthy=healthy, refit=refit)


def leakage(settings: Settings, weights: Weights) -> LeakageSettings:
    """Raises UserError where the named recipe begins with pretraining."""
    if (name := settings.leakage_model) is None:
        return LeakageSettings(model=None, settings=None)
    if settings.recipe(name).pretraining:
        raise UserError(
            f"{PARAMS}: leakage.model: {name} trains an autoencoder first, which the leakage experiment does not do; "
            "name another recipe"
        )
    trained = model(settings, name, weights)
    trained = trained.model_copy(update={"refit": False, "recipe": with_stored_views(trained.recipe)})
    return LeakageSettings(model=name, settings=trained)  # of a refit it makes no use


def robustness(settings: Settings, weights: Weights) -> RobustnessSettings:
    """Of the headline model."""
    name = settings.frozen_headline
    return RobustnessSettings(settings=model(settings, name, weights) if name else None)


def source(settings: Settings, start: SourceWeights, weights: Weights) -> SourceSettings:
    """Of a source; the last epoch's weights are kept or those that its recipe selects by its validation rows."""
    recipe = in_effect(settings.recipe(start.model))
    single = settings.dataset(start.dataset[0]) if len(start.dataset) == 1 else None
    healthy = single.without_disease if single and recipe.training.loss.kind == "expected_cost" else None
    return SourceSettings(datasets=start.dataset, recipe=recipe, weights=weights, healthy=healthy)


def with_stored_views(recipe: Recipe) -> Recipe:
    """The recipe with the default number of stored views in place of fresh ones: for training many times."""
    if not recipe.backbone.frozen or recipe.backbone.stored:
        return recipe
    augmentation = recipe.backbone.augmentation.model_copy(update={"views": Augmentation.model_fields["views"].default})
    return recipe.model_copy(update={"backbone": recipe.backbone.model_copy(update={"augmentation": augmentation})})


def in_effect(recipe: Recipe) -> Recipe:
    """The recipe with a fixed value for each key that it does not use: another default of that key changes nothing."""
    backbone, head, training = recipe.backbone, recipe.head, recipe.training
    augmentation = backbone.augmentation
    unused: dict[str, object] = {}
    if not (backbone.frozen and augmentation.active):
        unused["views"] = 1
    if not augmentation.zoom:
        unused["zoom_axes"] = "together"
    if not augmentation.uncovers:
        unused["fill"] = "nearest"
    augmentation = augmentation.model_copy(update=unused)
    drawn = None if backbone.weights else backbone.drawn
    backbone = backbone.model_copy(update={"augmentation": augmentation, "initialisation": drawn})
    if not head.dense:
        head = head.model_copy(update={"activation": "relu", "batch_norm": False, "l2": 0.0})
    loss = training.loss if training.loss.kind == "focal" else training.loss.model_copy(update={"gamma": 0.0})
    loss = loss if loss.kind == "expected_cost" else loss.model_copy(update={"missed": 1.0})
    training = training.model_copy(update={"loss": loss})
    return recipe.model_copy(update={"backbone": backbone, "head": head, "training": training})


def headline(settings: Settings) -> dict[str, object]:
    """What `dvc exp show` lists of the headline model, in a few columns; of an ensemble, its members."""
    name = settings.params.model
    if name in settings.ensembles:
        return {"recipe": {"members": ", ".join(settings.ensemble(name).members)}}
    recipe = settings.recipe(name)
    shown = {part: getattr(recipe, part).model_dump(mode="json", include=keys) for part, keys in HEADLINE.items()}
    if recipe.backbone.source:
        shown["backbone"]["weights"] = recipe.backbone.source.name
    return {"recipe": shown["backbone"] | shown["head"] | shown["training"]}
