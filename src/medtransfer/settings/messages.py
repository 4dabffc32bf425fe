"""The sentence for a mistake in the configuration: the key, what is wrong, what would be valid."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Source

SOURCES: dict[str, type[Strict]] = {
    get_args(source.model_fields["kind"].annotation)[0]: source for source in get_args(Source)
}
# What pydantic puts into a place beside the keys: which branch of a union it tried.
BRANCH = re.compile(r"SourceWeights|constrained-\w+|literal\[.*|dict\[.*|tuple\[.*|function-.*|int|float|str")


def complaints(schema: type[Strict], problems: Sequence[Any], entry: str | None) -> list[str]:
    """Pydantic's problems in words; a union of lists of choices has a problem for each list, which become one."""
    listed: dict[tuple[str, ...], list[str]] = {}
    for problem in problems:
        if problem["type"] == "literal_error":
            names = problem["ctx"]["expected"].replace(" or ", ", ").split(", ")
            listed.setdefault(tuple(_keys(problem)), []).extend(names)
    for problem in problems:
        if problem["type"] == "literal_error":
            *names, last = listed[tuple(_keys(problem))]
            problem["msg"] = f"Input should be {', '.join(names)}{' or ' if names else ''}{last}"
    return list(dict.fromkeys(complaint(schema, problem, entry) for problem in problems))


def _keys(problem: Any) -> list[str]:  # noqa: ANN401
    """The keys on the way to a problem."""
    return [str(part) for part in problem["loc"] if part not in SOURCES and not BRANCH.fullmatch(str(part))]


def complaint(schema: type[Strict], problem: Any, entry: str | None) -> str:  # noqa: ANN401
    """One pydantic problem in words: the key, what is wrong, what would be valid."""
    keys = _keys(problem)
    key = ".".join(([entry] if entry else []) + keys)
    match problem["type"]:
        case "extra_forbidden":
            source = next((part for part in problem["loc"] if part in SOURCES), None)
            return f"{key} is not a known key; {choices(keys[-1], _fields_at(schema, keys[:-1], source))}"
        case "missing":
            return f"{key} is missing{_how_to_say_none(schema, keys)}"
        case "tuple_type":
            example = "" if problem["input"] is None else f", such as [{problem['input']}]"
            return f"{key} = {problem['input']!r}: write a list{example}"
        case "too_short":
            return f"{key} has too few entries: name {problem['ctx']['min_length']} or more"
        case "model_type" | "dict_type":
            return f"{key} = {problem['input']!r}: write keys and values, indented below it"
        case "int_type" | "float_type" if isinstance(problem["input"], bool):
            return f"{key} = {str(problem['input']).lower()}: write a number; true and false are none"
        case "union_tag_not_found" | "union_tag_invalid":
            return f"{key}.kind: valid are {', '.join(SOURCES)}"
        case "value_error":
            message = str(problem["ctx"]["error"])
            return f"{key}: {message}" if key else message
        case _:
            return f"{key} = {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}"


def _how_to_say_none(schema: type[Strict], keys: list[str]) -> str:
    """How to write that a required key has no value."""
    field = schema.model_fields.get(keys[-1]) if len(keys) == 1 else None
    may_be_none = field is not None and type(None) in get_args(field.annotation)
    return f"; write it, and nothing after it where there is none ({keys[-1]}:)" if may_be_none else ""


def _fields_at(schema: type[Strict], keys: list[str], source: str | None) -> list[str]:
    """The keys that are valid under a path of keys."""
    for key in keys:
        if key.isdigit():
            continue  # the place in a list, whose parts are of one kind
        annotation = SOURCES[source] if source else schema.model_fields[key].annotation
        schema = next((part for part in _parts(annotation) if issubclass(part, Strict)), schema)
    return [field.alias or name for name, field in schema.model_fields.items()]


def _parts(annotation: Any) -> Iterator[type]:  # noqa: ANN401
    """The types that an annotation is made of: an optional part is a union with None, a list has its parts."""
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def closest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that was probably meant; None where none is near."""
    return next(iter(difflib.get_close_matches(name, list(valid), n=1, cutoff=0.5)), None)


def choices(name: str, valid: Iterable[str]) -> str:
    """The closest valid name, and all valid ones."""
    options = list(valid)
    close = closest(name, options)
    meant = f"did you mean {close}? " if close else ""
    return f"{meant}valid are {', '.join(options)}"
