"""What the stage `robustness` hands on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Perturbed:
    """Accuracy on the test images under one perturbation."""

    perturbation: str  # its key in PERTURBATIONS
    strength: float  # in its unit there
    accuracy: Estimate
    drop: Estimate  # from the accuracy on the images as they are, paired: positive where it falls


@dataclass(frozen=True)
class Seeds:
    """Test accuracy of heads that were trained with other seeds on the same features and folds."""

    accuracies: list[float]  # of the mean of the folds, a value per seed
    mean: float
    standard_deviation: float  # n - 1


@dataclass(frozen=True)
class Robustness:
    """What changes of image and of seed do to a model's test accuracy."""

    dataset: str
    model: str
    refit: bool  # of the network that is trained on all development rows, in place of the folds' mean
    images: int
    groups: int
    plain: Estimate  # accuracy on the images as they are
    perturbed: list[Perturbed]
    seeds: Seeds | None
    seeds_left_out: str  # why there are none, or empty
