"""The files of the configuration, and the refusal of a name that they do not have."""

from collections.abc import Iterable
from pathlib import Path

from medtransfer.settings.errors import UserError
from medtransfer.settings.messages import choices

PARAMS = Path("params.yaml")
DATASETS = Path("catalog/datasets.yaml")
MODELS = Path("catalog/models.yaml")
ENSEMBLES = Path("catalog/ensembles.yaml")


def known(name: str, valid: Iterable[str], what: str, path: Path, key: str | None = None) -> str:
    """`name`, if it is among the valid ones; else UserError naming the file, the key and what would be valid."""
    options = list(valid)
    if name in options:
        return name
    place = f"{path}: {key}: " if key else f"{path}: "
    raise UserError(f"{place}there is no {what} called {name!r}; {choices(name, options)}")
