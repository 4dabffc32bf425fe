"""What every entry of the configuration shares."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema


def _make_numbers_strict(part: Any) -> None:  # noqa: ANN401
    """In a schema of pydantic's, which is dictionaries within lists within dictionaries."""
    if isinstance(part, dict):
        if part.get("type") in ("int", "float"):
            part["strict"] = True
        for inner in part.values():
            _make_numbers_strict(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            _make_numbers_strict(inner)


class Strict(BaseModel):
    """Refuses keys it does not know, and true, false and text where a number is wanted; immutable once read."""

    # Validators are built when they are first used: a stage uses few of all that it imports.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        """The model's own schema with every number in it strict, as Python would take true for 1.

        Strict throughout would refuse lists too, as they become tuples.
        """
        schema = handler(source)
        _make_numbers_strict(schema)
        return schema
