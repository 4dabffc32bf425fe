"""One plain sentence or two for each pair of models, by rule from the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medtransfer.comparison.significance import LEVEL, below_level, told_apart
from medtransfer.evaluation.resampling import Interval


@dataclass(frozen=True)
class Evidence:
    """What the sentence rests on: the difference a - b of one metric that is a share, on the held-out images."""

    a: str
    b: str
    difference: Interval  # by groups; NaN ends where there is none
    holm_p: float | None
    family: int  # pairs that p is corrected for
    images: int
    groups: int
    detectable: float | None = None  # the difference that would be seen with 80 % power
    metric: str = "accuracy"
    higher_is_better: bool = True
    groups_are: str = "groups"
    other_p: Mapping[str, float | None] = field(default_factory=dict)  # of other tests, by Holm too


def sentence(evidence: Evidence) -> str:
    """Which of two models is better, or that they cannot be told apart, with the interval and what would be seen.

    Better takes an interval that leaves 0 out and p by Holm below 0.05. That the models are equal is never said.
    """
    better, difference = _better(evidence), evidence.difference
    where = f"on {_images(evidence)}"
    named = f"the difference in {evidence.metric} is"
    if told_apart(difference.low, difference.high, evidence.holm_p):
        worse = evidence.b if better == evidence.a else evidence.a
        by = f"{named} {_difference(evidence, turned=better == evidence.b)}"
        return f"{better} is better than {worse} {where}: {by}; {_p(evidence)}.{_disagreement(evidence)}"
    told = f"{evidence.a} and {evidence.b} cannot be told apart {where}: {named} {_difference(evidence)}; "
    if better:
        reason = f"the interval leaves 0 out, but {_p(evidence)}"
    elif below_level(evidence.holm_p):
        held = difference.low <= 0 <= difference.high
        reason = f"{_p(evidence)}, but {'the interval holds 0' if held else 'there is no interval'}"
    else:
        reason = _seen(evidence)
    return f"{told}{reason}.{_disagreement(evidence)}"


def _better(evidence: Evidence) -> str | None:
    """The model on whose side the whole interval lies."""
    low, high = evidence.difference.low, evidence.difference.high
    if low > 0:
        return evidence.a if evidence.higher_is_better else evidence.b
    if high < 0:
        return evidence.b if evidence.higher_is_better else evidence.a
    return None


def _images(evidence: Evidence) -> str:
    if evidence.images == evidence.groups:
        return f"these {evidence.images} images"
    units = evidence.groups_are if evidence.groups > 1 else evidence.groups_are.replace("groups", "group", 1)
    return f"these {evidence.images} images of {evidence.groups} {units}"


def _difference(evidence: Evidence, turned: bool = False) -> str:
    """In points: of the model that the sentence names first, less the other's."""
    value, low, high = evidence.difference.value, evidence.difference.low, evidence.difference.high
    if turned:
        value, low, high = -value, -high, -low
    if not low <= high:  # NaN
        return f"{_points(value)} points, without an interval"
    return f"{_points(value)} points ({_points(low)} to {_points(high)})"


def _points(share: float) -> str:
    return f"{100 * share + 0.0:.1f}".replace("-0.0", "0.0")


def _p(evidence: Evidence) -> str:
    if evidence.holm_p is None:
        return "p is undefined"
    p = "p < 0.001" if evidence.holm_p < 0.001 else f"p = {evidence.holm_p:.3f}"
    return p if evidence.family == 1 else f"{p} by Holm for {evidence.family} pairs"


def _seen(evidence: Evidence) -> str:
    if evidence.detectable is None:
        return "they disagree on too few images for a difference to be seen with 80 % power"
    # Rounded up, so that the power holds.
    points = -(-evidence.detectable * 1000 // 1) / 10
    return f"a true difference of {points:.1f} points or more would have been seen with 80 % power"


def _disagreement(evidence: Evidence) -> str:
    """Which tests are below 0.05 and which are not, where they are not all on one side."""
    units = "images" if evidence.images == evidence.groups else evidence.groups_are
    named = {f"the test of {evidence.metric} by {units}": evidence.holm_p, **evidence.other_p}
    defined = {test: p for test, p in named.items() if p is not None}
    below = [test for test, p in defined.items() if p < LEVEL]
    above = [test for test, p in defined.items() if p >= LEVEL]
    if not below or not above:
        return ""
    return f" The tests disagree: p is below 0.05 by {listed(below)}, not by {listed(above)}."


def listed(names: Sequence[str]) -> str:
    """Names of at least one in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
