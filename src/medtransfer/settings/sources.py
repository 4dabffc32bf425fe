"""Weights of a model of the catalogue that is trained on other data sets: where transfer starts from."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from medtransfer.settings.base import Strict


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SourceWeights(Strict):
    """A recipe of catalog/models.yaml, trained on one data set, or on the images of several, each class apart."""

    dataset: Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]
    model: str

    @model_validator(mode="after")
    def _data_sets_are_named_once(self) -> "SourceWeights":
        if twice := sorted({name for name in self.dataset if self.dataset.count(name) > 1}):
            raise ValueError(f"dataset: {', '.join(twice)} is listed twice; list each once")
        return self

    def __str__(self) -> str:
        """As messages call it."""
        return self.name

    @property
    def name(self) -> str:
        """As study.sources and the artefacts call it."""
        return "-".join([*self.dataset, self.model])
