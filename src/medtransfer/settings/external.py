"""The labels that two data sets have in common, so that models of the one can be scored on the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import PARAMS
from medtransfer.settings.unions import labels_as


class _LacksLabelsError(UserError):
    """A set whose classes all have a label in the other one, which has more."""


@dataclass(frozen=True)
class CommonLabels:
    """They are the labels of one of the two sets: `of`."""

    of: str
    own: dict[str, str]  # each class of the active set, and its label
    external: dict[str, str]  # each class of the other set, and its label


def common_labels(active: str, external: str, datasets: Mapping[str, Dataset]) -> CommonLabels:
    """The external set's classes as labels of the active set or, where that set is finer, the other way about.

    `as` of either set says what its classes are in the other; see `unions.labels_as`. Each label has a class on both
    sides. Raises UserError where neither way is open, with what to write.
    """
    if active == external:
        raise UserError(f"{PARAMS}: study.external: {active} is the active data set itself; name another one")
    refusals: dict[str, UserError] = {}
    for name, other in ((external, active), (active, external)):
        try:
            labels = _onto(name, other, datasets)
        except UserError as error:
            refusals[name] = error
            continue
        same = {label: label for label in datasets[other].classes}
        return CommonLabels(other, *((same, labels) if other == active else (labels, same)))
    finer = active if len(datasets[active].classes) > len(datasets[external].classes) else external
    lacking = (error for error in refusals.values() if isinstance(error, _LacksLabelsError))
    raise UserError(
        f"{PARAMS}: study.external: models of {active} cannot be scored on {external}, as their labels do not fit; "
        f"{next(lacking, refusals[finer])}, or leave {external} out of study.external (-S 'study.external=[]')"
    )


def check_external(active: str, names: tuple[str, ...], datasets: Mapping[str, Dataset]) -> None:
    """Raise UserError where models of the active set cannot be scored on one of the external sets."""
    for name in names:
        common_labels(active, name, datasets)


def _onto(name: str, other: str, datasets: Mapping[str, Dataset]) -> dict[str, str]:
    """The label of each class of a data set in another one, where every label of that one has a class."""
    wanted = datasets[other].classes
    labels = labels_as(name, datasets[name], wanted)
    if absent := [label for label in wanted if label not in labels.values()]:
        raise _LacksLabelsError(
            f"no class of {name} is the {' or '.join(absent)} of {other}: name a set with all of {', '.join(wanted)}"
        )
    return labels
