"""What the stage `external` hands on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounded:
    """A value and its 95 % interval, where that can be told."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ScoredOutside:
    """One model on its own held-out images, and on an external set: values by metric, over the common labels."""

    model: str
    internal: dict[str, Bounded]
    external: dict[str, Bounded]
    drop: dict[str, Bounded]  # internal - external: positive where the score is lower outside
    temperature: float  # fitted on development images: the calibration errors are of probabilities at it


@dataclass(frozen=True)
class External:
    """Every model of a study on one external set."""

    dataset: str  # whose models they are
    external: str
    labels: list[str]  # in common
    own: dict[str, str]  # each class of the models, and its label
    mapped: dict[str, str]  # each class of the external set, and its label
    prepared: int  # images of the external set
    exact: int  # that are left out, as a training image has the same pixels
    near: int  # as one is a copy in the same orientation
    turned: int  # as one is a copy, mirrored or turned
    joined: int  # as they are copies of an image that is left out
    images: dict[str, int]  # that are scored, by label
    groups: int  # of these: patients, and pictures with their copies and look-alikes
    internal_images: int
    internal_groups: int
    tested: str  # which network: evaluate.tested
    models: list[ScoredOutside]

    @property
    def scored(self) -> int:
        """Images that the models are scored on."""
        return sum(self.images.values())

    @property
    def left_out(self) -> int:
        """Images with a copy among the training images."""
        return self.prepared - self.scored
