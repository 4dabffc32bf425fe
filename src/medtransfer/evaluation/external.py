"""Scores of a model on a data set of its own and on an external one, over labels that both have, and the drop.

The two samples are independent, so the interval of a drop is made from the intervals on either side, each by groups or
Wilson's: square-and-add (Newcombe 1998, method 10), which holds for other scores than proportions too (MOVER, Zou and
Donner 2008). Where images are independent it is Newcombe's interval. Where every image is right it keeps a width,
which differences of resamples would lose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.evaluation.checks import Groups
from medtransfer.evaluation.choices import Choices
from medtransfer.evaluation.intervals import Bounds, intervals_of
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.predictions import Codes, Predictions, Probabilities
from medtransfer.evaluation.resampling import draw_groups
from medtransfer.evaluation.scores import scores
from medtransfer.store.external_records import Bounded

SCORED = ("accuracy", "balanced_accuracy", "f1", "roc_auc")  # metrics per class: the mean over labels
CALIBRATION = ("calibration_error", "loss")  # at the fitted temperature


@dataclass(frozen=True)
class Labels:
    """K classes as L labels."""

    places: NDArray[np.intp]  # K: the number of each class's label
    count: int  # L

    @classmethod
    def of(cls, label_of: Mapping[str, str], labels: Sequence[str]) -> "Labels":
        """`label_of` has the classes in order, each with its label."""
        return cls(np.array([labels.index(label) for label in label_of.values()], dtype=np.intp), len(labels))

    def probabilities(self, of_classes: Probabilities) -> NDArray[np.float64]:
        """N x L from N x K: the sum over the classes of each label."""
        return np.asarray(of_classes, np.float64) @ (self.places[:, None] == np.arange(self.count))


@dataclass(frozen=True)
class Sample:
    """What a model says of N images, over L labels."""

    named: Predictions
    calibrated: Predictions  # the same labels named, with probabilities at the fitted temperature
    groups: Groups  # N


def sample(actual: Codes, of_classes: Probabilities, groups: Groups, labels: Labels, how: Choices) -> Sample:
    """`actual` are numbers of labels (N), `of_classes` the model's probabilities (N x K), `how` it names classes.

    Argmax is of the labels' probabilities; a threshold names a class, and so its label.
    """
    together = labels.probabilities(of_classes)
    calibrated = how.calibrated(of_classes)
    by_threshold = how.rule.threshold is not None
    named = labels.places[how.rule.predict(calibrated)] if by_threshold else together.argmax(axis=1)
    at_temperature = Predictions.of(actual, labels.probabilities(calibrated), named)
    return Sample(Predictions.of(actual, together, named), at_temperature, groups)


def scored(images: Sample) -> dict[str, Bounded]:
    """The metrics of SCORED and CALIBRATION. Raises UserError where a label has no image."""
    draws = draw_groups(images.groups)
    metrics = scores(images.named, None, draws)
    calibration = {key: float(METRICS[key].function(images.calibrated)) for key in CALIBRATION}
    values = {key: metrics[key] for key in SCORED} | calibration
    ends = {key: metrics["intervals"].get(key) for key in SCORED} | intervals_of(images.calibrated, calibration, draws)
    return {key: _bounded(value, ends.get(key)) for key, value in values.items()}


def drops(internal: Mapping[str, Bounded], external: Mapping[str, Bounded]) -> dict[str, Bounded]:
    """Internal less external, of the metrics of SCORED."""
    return {key: difference(internal[key], external[key]) for key in SCORED}


def difference(a: Bounded, b: Bounded) -> Bounded:
    """a - b of two independent samples, with the interval that follows from theirs; none where one has none."""
    value = a.value - b.value
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Bounded(value, None, None)
    below, above = np.hypot(a.value - a.low, b.high - b.value), np.hypot(a.high - a.value, b.value - b.low)
    return Bounded(value, float(value - below), float(value + above))


def _bounded(value: float, bounds: Bounds | None) -> Bounded:
    low, high = (None, None) if bounds is None else bounds[:2]
    return Bounded(float(value), low, high)
