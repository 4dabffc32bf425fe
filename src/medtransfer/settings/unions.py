"""One data set's labels as another's: the members of a union, and sets that a model is scored on from outside."""

from collections.abc import Iterable, Mapping

from medtransfer.settings.datasets import Dataset, UnionMember, UnionSource
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import DATASETS
from medtransfer.settings.messages import choices


def labels_as(name: str, entry: Dataset, wanted: Iterable[str]) -> dict[str, str]:
    """For each class of the data set `name`, the one of the `wanted` labels that its images have in another set.

    A wanted label stands for what `as` of the entry says, else for the class of the same name. It may stand for no
    class of this set. Raises UserError for a class that no wanted label stands for, or more than one.
    """
    labels = list(wanted)
    stands_for = {label: entry.other_labels.get(label, (label,)) for label in labels}
    labels_of = {own: [label for label in labels if own in stands_for[label]] for own in entry.classes}
    if lost := [own for own, standing in labels_of.items() if not standing]:
        are = "is none" if len(lost) == 1 else "are none"
        form = ", ".join(f"{label}: [...]" for label in labels)
        raise UserError(
            f"{DATASETS}: {name}: {', '.join(lost)} {are} of the labels {', '.join(labels)}: write under `as` of "
            f"{name} what each stands for: as: {{{form}}}, with {', '.join(lost)} where each belongs"
        )
    if double := {own: standing for own, standing in labels_of.items() if len(standing) > 1}:
        own, standing = next(iter(double.items()))
        raise UserError(f"{DATASETS}: {name}: by `as`, {own} is {' and '.join(standing)}; leave it in one of them")
    return {own: standing[0] for own, standing in labels_of.items()}


def members_of(name: str, datasets: Mapping[str, Dataset]) -> dict[str, UnionMember]:
    """The members of a union, in its order; of another set, none. Raises UserError as `check_union` does."""
    entry = datasets[name]
    if not isinstance(entry.source, UnionSource):
        return {}
    members = {}
    for member in entry.source.members:
        own = _member(name, member, datasets)
        files = {key: getattr(own, key) for key in UnionMember.model_fields.keys() - {"labels"}}
        labels = _labels_in(name, member, own, entry)
        members[member] = UnionMember(**files | {"image_size": entry.image_size, "labels": labels})
    return members


def check_unions(datasets: Mapping[str, Dataset]) -> None:
    """Raise UserError where a member of a union is unknown, named twice, a union, or has other labels.

    And where a class of the union is one that no member has, and where `as` of a set has a label of no other set.
    """
    _check_labels(datasets)
    for name, entry in datasets.items():
        if not isinstance(entry.source, UnionSource):
            continue
        names = entry.source.members
        if twice := sorted({member for member in names if names.count(member) > 1}):
            raise UserError(f"{DATASETS}: {name}.source.members: {', '.join(twice)} is listed twice; list each once")
        given = {label for member in members_of(name, datasets).values() for label in member.labels.values()}
        if empty := [label for label in entry.classes if label not in given]:
            raise UserError(
                f"{DATASETS}: {name}.classes: no member of this union has images of {', '.join(empty)}; leave it out, "
                "or write under `as` of a member which of its classes it stands for"
            )


def _check_labels(datasets: Mapping[str, Dataset]) -> None:
    """Labels under `as` are classes of some set: else one is misspelt."""
    every = dict.fromkeys(label for entry in datasets.values() for label in entry.classes)
    for name, entry in datasets.items():
        if strange := [label for label in entry.other_labels if label not in every]:
            raise UserError(
                f"{DATASETS}: {name}.as: no data set has the label {strange[0]}; {choices(strange[0], every)}"
            )


def _member(union: str, name: str, datasets: Mapping[str, Dataset]) -> Dataset:
    if name not in datasets:
        valid = [other for other, entry in datasets.items() if not isinstance(entry.source, UnionSource)]
        raise UserError(
            f"{DATASETS}: {union}.source.members: there is no data set called {name!r}; {choices(name, valid)}"
        )
    if isinstance(datasets[name].source, UnionSource):
        raise UserError(f"{DATASETS}: {union}.source.members: {name} is a union itself; name its members in its place")
    return datasets[name]


def _labels_in(union: str, member: str, entry: Dataset, of: Dataset) -> dict[str, str]:
    try:
        return labels_as(member, entry, of.classes)
    except UserError as error:
        raise UserError(f"{error} (it is a member of {union})") from None
