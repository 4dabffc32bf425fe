"""catalog/models.yaml: the keys of a recipe. A key with a default (`=`) may be left out."""

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from medtransfer.settings.augmentation import Augmentation, Share
from medtransfer.settings.base import Strict
from medtransfer.settings.sources import SourceWeights

Positive = Annotated[float, Field(gt=0, lt=math.inf)]
Count = Annotated[int, Field(ge=1)]


def _fraction_or_layer(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or (isinstance(value, int | float) and not 0 < value < 1):
        raise ValueError("trainable is none, all, a fraction between 0 and 1, or the name of a layer")
    return value


Trainable = Annotated[str | float, BeforeValidator(_fraction_or_layer)]


def _number_or_list(value: Any) -> str:  # noqa: ANN401
    return "tuple[float]" if isinstance(value, list | tuple) else "float"


# Told apart by their form, so that a mistake is reported for that form alone.
Shares = Annotated[
    Annotated[Share, Tag("float")] | Annotated[tuple[Share, ...], Tag("tuple[float]")], Discriminator(_number_or_list)
]


def _file_or_source(value: Any) -> str:  # noqa: ANN401
    return "SourceWeights" if isinstance(value, dict | SourceWeights) else "str"


Weights = Annotated[
    Annotated[str, Tag("str")] | Annotated[SourceWeights, Tag("SourceWeights")], Discriminator(_file_or_source)
]

# How random weights are drawn (models/initialise.py): as Keras does, as He et al. (2015), or scaled layer by layer.
Initialisation = Literal["keras", "he", "lsuv"]
# Of hidden layers, by Keras's names and with its parameters: a leaky_relu has a slope of 0.2 below 0.
Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh"]


class Backbone(Strict):
    """From image to features. What the features stage depends on."""

    architecture: str  # a name in models/registry.py
    weights: Weights | None  # imagenet; null: random ones; a file in weights/; or of a model of other data sets
    trainable: Trainable  # none, all, the last share of the layers, or from the layer of this name on
    pooling: Literal["average", "max", "flatten", "max_flatten"]  # max_flatten: 2 x 2 maximum, then flat
    image_size: Annotated[int, Field(ge=16, le=1024)] | None = None  # null: as prepared
    alpha: Annotated[float, Field(gt=0, le=2)] | None = None  # width of a MobileNet
    preprocessing: Literal["native", "rescale"] = "native"  # rescale: 0..1, whatever the weights expect
    augmentation: Augmentation = Augmentation()  # of training images, before anything else
    precision: Literal["float32", "mixed_bfloat16"] = "float32"  # in the head too; an autoencoder's is float32
    initialisation: Initialisation | None = None  # of random weights; null: lsuv where it is frozen, else keras
    batch_norm_momentum: Share | None = None  # of its running averages; null: as the architecture has it

    @property
    def frozen(self) -> bool:
        """Whether training leaves all of it as it is."""
        return self.trainable == "none"

    @property
    def source(self) -> SourceWeights | None:
        """The model of other data sets that it starts from, if any."""
        return self.weights if isinstance(self.weights, SourceWeights) else None

    @property
    def drawn(self) -> Initialisation:
        """How random weights are drawn. What is never trained needs signals that pass all layers."""
        return self.initialisation or ("lsuv" if self.frozen else "keras")

    @model_validator(mode="after")
    def _only_random_weights_are_drawn(self) -> "Backbone":
        if self.initialisation and self.weights:
            raise ValueError(
                f"initialisation: {self.initialisation} is of random weights, and these are {self.weights}; write "
                "weights: null, or leave initialisation out"
            )
        return self

    @property
    def stored(self) -> bool:
        """Whether its features are computed once, before any training: frozen, with no fresh views in each epoch."""
        return self.frozen and not (self.augmentation.active and self.augmentation.views == "fresh")


class Head(Strict):
    """From features to logits."""

    normalise_features: bool  # batch normalisation before the first dense layer
    dense: tuple[Count, ...]  # units of the hidden layers
    activation: Activation = "relu"  # of the hidden layers
    dropout: Shares  # after each hidden layer, or a share each; without any, before the logits
    batch_norm: bool = False  # after each hidden layer
    l2: Annotated[float, Field(ge=0, lt=math.inf)] = 0.0  # penalty on the kernels of the hidden layers
    output: Literal["softmax", "sigmoid"] = "softmax"  # sigmoid: one unit, for two classes

    @model_validator(mode="after")
    def _hidden_layers_are_there(self) -> "Head":
        if not self.dense and self.activation != "relu":
            raise ValueError(
                f"activation: {self.activation} is of hidden layers, and dense lists none; list their units there, or "
                "leave activation out"
            )
        if isinstance(self.dropout, tuple) and len(self.dropout) != len(self.dense):
            raise ValueError(
                f"dropout lists {len(self.dropout)} shares and dense {len(self.dense)} layers; write a share for each "
                "hidden layer, 0 for none, or one number for all"
            )
        return self


class Loss(Strict):
    """The function that training minimises."""

    kind: Literal["cross_entropy", "focal", "expected_cost"] = "cross_entropy"
    gamma: Annotated[float, Field(ge=0, le=10)] = 2.0  # of the focal loss (Lin et al. 2017)
    missed: Annotated[float, Field(ge=1, lt=math.inf)] = 5.0  # expected_cost: of an ill image called healthy


class Plateau(Strict):
    """A lower learning rate where the validation loss has not fallen for some epochs."""

    factor: Annotated[float, Field(gt=0, lt=1)] = 0.5
    patience: Count = 3
    minimum: Annotated[float, Field(ge=0)] = 1e-7


class Phase(Strict):
    """A part of the training with another rate and other layers: head first, then some of the backbone."""

    epochs: Count
    learning_rate: Positive
    trainable: Trainable


class Training(Strict):
    """The optimizer and its steps."""

    optimizer: Literal["adam", "sgd", "rmsprop"]
    learning_rate: Positive
    epochs: Count
    batch_size: Count
    momentum: Share = 0.0  # of sgd and rmsprop
    schedule: Literal["constant", "cosine"] = "constant"
    plateau: Plateau | None = None
    loss: Loss = Loss()
    class_weights: Literal["none", "balanced"] = "none"
    early_stopping: Count | None = None  # epochs without a better `selection` (or validation loss) before it ends
    selection: Literal["last", "loss", "accuracy", "f1"] = "last"  # the epoch whose weights are kept, by validation
    phases: tuple[Phase, ...] = ()  # in place of epochs and learning_rate
    snapshots: Count | None = None  # epochs between two confusion matrices of the validation rows

    @model_validator(mode="after")
    def _momentum_has_an_optimizer(self) -> "Training":
        if self.momentum and self.optimizer == "adam":
            raise ValueError("momentum belongs to sgd and rmsprop; adam has none to choose")
        return self


class Reconstruction(Strict):
    """A training before the training: encoder and decoder together learn to reproduce the image (Rafiq et al. 2022)."""

    epochs: Count
    learning_rate: Positive  # of Adam
    batch_size: Count
    dropout: Share = 0.0  # after each layer of the decoder
    snapshots: Count | None = None  # epochs between two autoencoders that are kept

    @property
    def snapshot_epochs(self) -> range:
        """The epochs whose autoencoders are kept, from 1."""
        return range(self.snapshots, self.epochs + 1, self.snapshots) if self.snapshots else range(0)

    @model_validator(mode="after")
    def _a_snapshot_before_the_end(self) -> "Reconstruction":
        if self.snapshots and self.snapshots > self.epochs:
            raise ValueError(f"snapshots: {self.snapshots} is more than epochs ({self.epochs}), so none would be kept")
        return self


class Recipe(Strict):
    """One model of the catalogue."""

    backbone: Backbone
    head: Head
    training: Training
    pretraining: Reconstruction | None = None  # of an architecture that has a decoder

    @model_validator(mode="after")
    def _phases_end_as_the_backbone_says(self) -> "Recipe":
        phases = self.training.phases
        if phases and self.backbone.frozen:
            raise ValueError(
                "training.phases: the backbone is frozen (backbone.trainable: none), so there is nothing to unfreeze; "
                "leave phases out, or write in backbone.trainable what the last phase trains"
            )
        epochs = sum(phase.epochs for phase in phases) or self.training.epochs
        if self.training.snapshots and self.training.snapshots > epochs:
            raise ValueError(
                f"training.snapshots: {self.training.snapshots} is more than epochs ({epochs}), so none would be kept"
            )
        if phases and phases[-1].trainable != self.backbone.trainable:
            raise ValueError(
                f"training.phases: the last phase trains {phases[-1].trainable}, and backbone.trainable is "
                f"{self.backbone.trainable}; write the same in both"
            )
        return self


class Ensemble(Strict):
    """A soft-voting ensemble: the mean of its members' probabilities."""

    members: Annotated[tuple[str, ...], Field(min_length=2)]  # recipes of catalog/models.yaml
