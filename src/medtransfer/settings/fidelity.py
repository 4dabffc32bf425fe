"""catalog/fidelity.yaml: each paper held against this project, one row a detail; a row can name where ours is set."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from ruamel.yaml import YAML

from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.files import DATASETS, ENSEMBLES, MODELS
from medtransfer.settings.load import catalogue
from medtransfer.settings.load_reported import REPORTED
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Ensemble, Recipe
from medtransfer.settings.reported import Reported
from medtransfer.settings.study import STUDIES

FIDELITY = Path("catalog/fidelity.yaml")
CATALOGUE: dict[str, tuple[type[Strict], Path]] = {  # by the key of a row that names one of its entries
    "recipe": (Recipe, MODELS),
    "ensemble": (Ensemble, ENSEMBLES),
    "dataset": (Dataset, DATASETS),
    "reported": (Reported, REPORTED),
}
Subject = Literal[
    "data", "split", "preprocessing", "augmentation", "architecture", "head", "initialisation", "training",
    "metrics", "tests", "figures", "explanations", "tables", "claims", "ablations", "cost",
]  # fmt: skip
Text = Annotated[str, Field(min_length=1)]
Names = Annotated[
    tuple[Text, ...],
    BeforeValidator(lambda names: [names] if isinstance(names, str) else names),
]


class Detail(Strict):
    """One detail of a paper, and what this project does."""

    subject: Subject
    paper: Text  # the paper's words in short; where it is silent, what it does not say
    stated: bool = True  # false: the paper's text does not say it, so ours is a choice, or that of the code
    code: str = ""  # what the authors' published code has, where it says more than the paper, or something else
    ours: Text
    verdict: Literal["same", "different"]
    why: str = ""
    # Where ours is set: the key of recipes, ensembles, data sets, papers' numbers or studies that all have the value.
    recipe: Names = ()
    ensemble: Names = ()
    dataset: Names = ()
    reported: Names = ()
    study: Names = ()
    key: str = ""  # steps joined by dots; the place in a list is a number, from 0
    value: Any = None
    file: str = ""  # where ours is done or said
    words: str = ""  # that stand in this file, whatever its line breaks and marks of comments

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Kind and name of each entry that has the key."""
        return [(kind, name) for kind in (*CATALOGUE, "study") for name in getattr(self, kind)]

    @model_validator(mode="after")
    def _is_whole(self) -> "Detail":
        if self.verdict == "different" and not self.why:
            raise ValueError(f"{self.paper}: a difference needs its reason; write why")
        if not self.stated and self.verdict == "same" and not self.code:
            raise ValueError(
                f"{self.paper}: ours cannot be the same as what a paper does not state; write different, or what the "
                "authors' code has"
            )
        if bool(self.entries) != bool(self.key) or bool(self.key) != ("value" in self.model_fields_set):
            raise ValueError(
                f"{self.paper}: an entry of the catalogue or a study needs key and value, and they need it"
            )
        if not self.entries and not self.file:
            raise ValueError(f"{self.paper}: name where ours is: a recipe or another entry with key and value, or file")
        if self.words and not self.file:
            raise ValueError(f"{self.paper}: words stand in a file; name it")
        return self


class Audit(Strict):
    """One paper."""

    code: str = ""  # where the authors' code is published
    details: Annotated[tuple[Detail, ...], Field(min_length=1)]


def load_fidelity(root: Path = Path()) -> dict[str, Audit]:
    """The audits by study; a mistake in the file raises UserError."""
    return catalogue(Audit, root / FIDELITY)


def untrue(audits: dict[str, Audit], root: Path = Path()) -> list[str]:
    """A sentence for each row that the project contradicts: another value, no such key, or words not in the file."""
    held = _Held(root)
    sentences = []
    for paper, audit in audits.items():
        for detail in audit.details:
            sentences += [f"{paper}, {detail.paper!r}: {wrong}" for wrong in held.mistakes(detail)]
    return sentences


class _Held:
    """What the project under a folder holds, each file read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._text = cache(lambda file: _one_line((root / file).read_text(encoding="utf-8")))
        self._entries = cache(lambda kind: catalogue(CATALOGUE[kind][0], root / CATALOGUE[kind][1]))
        self._study = cache(self._read_study)

    def mistakes(self, detail: Detail) -> Iterator[str]:
        """What is wrong with a row."""
        for kind, name in detail.entries:
            held = self._value(kind, name, detail.key)
            if not _alike(held, detail.value):
                yield f"{detail.key} of the {kind} {name} is {held!r}, and the row says {detail.value!r}"
        if not detail.file:
            return
        if not (self._root / detail.file).is_file():
            yield f"there is no file {detail.file}"
        elif _one_line(detail.words) not in self._text(detail.file):
            yield f"{detail.file} does not say {detail.words!r}"

    def _value(self, kind: str, name: str, key: str) -> Any:  # noqa: ANN401
        if kind == "study" and not (self._root / STUDIES / f"{name}.yaml").is_file():
            return f"no file of {STUDIES}"
        entries = {name: self._study(name)} if kind == "study" else self._entries(kind)
        if name not in entries:
            return f"no entry of {CATALOGUE[kind][1]}"
        part = entries[name].model_dump(mode="json")
        for step in key.split("."):
            place = int(step) if isinstance(part, list) and step.isdigit() else step
            try:
                part = part[place]
            except (KeyError, IndexError, TypeError):
                return f"missing: there is no {step}"
        return part

    def _read_study(self, name: str) -> Params:
        return Params.model_validate(YAML(typ="safe").load(self._root / STUDIES / f"{name}.yaml"))


def _alike(held: Any, claim: Any) -> bool:  # noqa: ANN401
    """Equal, where true is not 1."""
    return isinstance(held, bool) == isinstance(claim, bool) and held == claim


def _one_line(text: str) -> str:
    """The text without marks of comments at the beginning of lines, and with single spaces for all white space."""
    return " ".join(re.sub(r"(?m)^\s*#+ ?", "", text).split())
