"""Weights of a model of the catalogue that is trained on other data sets: where transfer starts from."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from medtransfer.settings.base import Strict


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SourceWeights(Strict):
    """A recipe of catalog/models.yaml, trained on one data set, or on the images of several, each class apart."""

    dataset: Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]
    model: str

    @property
    def name(self) -> str:
        """As study.sources and the artefacts call it."""
        return "-".join([*self.dataset, self.model])
