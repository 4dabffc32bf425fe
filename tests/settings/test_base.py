"""YAML's true is no number, whatever Python says: not for any key of any file, at any depth."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from medtransfer.settings import load, load_reported
from medtransfer.settings.base import Strict

assert load
assert load_reported  # these two import every schema


def below(schema: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in schema.__subclasses__():
        yield kind
        yield from below(kind)


def leaves(annotation: Any) -> set[Any]:  # noqa: ANN401
    """The types that an annotation is made of."""
    if not (arguments := get_args(annotation)):
        return {annotation}
    return set().union(*(leaves(argument) for argument in arguments))


NUMBERS = sorted(
    {
        (f"{kind.__name__}.{name}", kind, name)
        for kind in below(Strict)
        for name, field in kind.model_fields.items()
        if leaves(field.annotation) & {int, float}
    },
    key=lambda case: case[0],
)


def test_the_schema_has_numbers() -> None:
    assert {"Split.folds", "Head.dense", "Loss.gamma", "Result.metrics", "KaggleSource.version"} <= {
        name for name, _, _ in NUMBERS
    }


@pytest.mark.parametrize("value", [True, False, [True], [[True]], {"accuracy": True}], ids=str)
@pytest.mark.parametrize(("kind", "name"), [case[1:] for case in NUMBERS], ids=[case[0] for case in NUMBERS])
def test_no_number_is_read_from_a_boolean(kind: type[BaseModel], name: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate({name: value})
    wrong = {problem["loc"][0] for problem in caught.value.errors() if problem["type"] != "missing"}
    assert name in wrong
