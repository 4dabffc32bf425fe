"""catalog/models.yaml: what a recipe may say."""

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from medtransfer.schema.base import Strict


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
