"""What stages hand on in JSON: small typed records. `store` says where each lies."""

from dataclasses import dataclass
from typing import Any


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

    @property
    def folds(self) -> int:
        """How many folds were trained."""
        return len(self.selected_epochs)


@dataclass(frozen=True)
class Times:
    """Wall-clock seconds of what made a file."""

    of: str  # SHA-256 of that file: where it has another, the times are of another run
    seconds: list[float]
