"""What was measured of a model on this machine, where it is of the files that are there."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from medtransfer import store
from medtransfer.settings.errors import UserError
from medtransfer.store.artefacts import Artefact


class _Of(Protocol):
    @property
    def of(self) -> str: ...


Measured = TypeVar("Measured", bound=_Of)


@dataclass(frozen=True)
class Seconds:
    """What a model took on this machine; None where that is not known."""

    features: float | None  # 0 where the backbone is trained
    folds: Sequence[float] | None
    machine: Mapping[str, str] = field(default_factory=dict)  # versions, and the device, of the training
    joules: float | None = None  # of features and folds
    images_a_second: float | None = None  # at inference, of one network

    @property
    def total(self) -> float | None:
        """Features and training of all folds."""
        return None if self.features is None or self.folds is None else self.features + sum(self.folds)

    def of(self, part: str) -> float | None:
        """Of a whole `training`, or of a `fold`: the mean over folds, with its share of the features."""
        if self.total is None or self.folds is None:
            return None
        return self.total / len(self.folds) if part == "fold" else self.total


def seconds_of(dataset: str, model: str) -> Seconds:
    """The times of a trained model."""
    trained, features = store.trained(dataset, model), store.features(dataset, model)
    frozen = trained.training.read().frozen
    computed = _matching(store.feature_times(dataset, model), features.path) if frozen else None
    training = _matching(store.training_times(dataset, model), trained.history.path)
    rate = _matching(store.inference_rate(dataset, model), trained.history.path)
    features_seconds = sum(computed.seconds) if computed else None if frozen else 0.0
    features_joules = _sum(computed.joules) if computed else None if frozen else 0.0
    folds_joules = _sum(training.joules) if training else None
    return Seconds(
        features_seconds,
        training.seconds if training else None,
        training.machine if training else {},
        None if features_joules is None or folds_joules is None else features_joules + folds_joules,
        rate.images_a_second if rate else None,
    )


def _sum(joules: Sequence[float | None]) -> float | None:
    """None where one of them is not known, or there are none."""
    known = [value for value in joules if value is not None]
    return sum(known) if known and len(known) == len(joules) else None


def _matching(measured: Artefact[Measured], file: Path) -> Measured | None:
    """The record of what made a file; None where there are none, or where they are of another file."""
    try:
        record = measured.read()
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except (UserError, FileNotFoundError):
        return None
    return record if record.of == digest else None
