"""A value with its uncertainty, as records hold it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float
