"""YAML's true is no number, although Python takes it for 1: at no depth of any schema."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError

from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Ensemble, Recipe
from medtransfer.settings.reported import Reported


class Inner(Strict):
    number: int = 1


class Sample(Strict):
    """A number in every place where the configuration has one."""

    plain: int = 1
    real: float = 1.0
    limited: Annotated[float, Field(gt=0, lt=2)] = 1.0
    optional: int | None = None
    or_word: Annotated[int, Field(ge=1)] | Literal["default"] = "default"
    listed: tuple[int, ...] = ()
    nested: tuple[tuple[int, ...], ...] = ()
    keyed: dict[str, float] = Field(default_factory=dict)
    keyed_or_one: dict[str, int] | int | None = None
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()


PLACES: dict[str, Any] = {
    "plain": True,
    "real": False,
    "limited": True,
    "optional": True,
    "or_word": True,
    "listed": [1, True],
    "nested": [[1], [True]],
    "keyed": {"a": True},
    "keyed_or_one": {"a": True},
    "inner": {"number": True},
    "inners": [{"number": False}],
}


@pytest.mark.parametrize("place", Sample.model_fields)
def test_no_number_is_read_from_a_boolean(place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({place: PLACES[place]})
    assert {problem["loc"][0] for problem in caught.value.errors()} == {place}


def test_numbers_are_read_in_every_place() -> None:
    numbers = {"plain": 2, "real": 2, "limited": 1.5, "optional": 3, "or_word": 4, "keyed_or_one": {"a": 1}}
    lists = {"listed": [1, 2], "nested": [[1]], "keyed": {"a": 1}, "inner": {"number": 2}, "inners": [{"number": 2}]}
    read = Sample.model_validate(numbers | lists)
    assert (read.listed, read.nested, read.keyed, read.inners[0].number) == ((1, 2), ((1,),), {"a": 1.0}, 2)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    """Every schema that an annotation is made of, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for part in get_args(annotation):
        yield from models_in(part)


@pytest.mark.parametrize("schema", [Params, Dataset, Recipe, Ensemble, Reported])
def test_every_part_of_the_configuration_is_strict(schema: type[BaseModel]) -> None:
    assert all(issubclass(model, Strict) for model in models_in(schema))
