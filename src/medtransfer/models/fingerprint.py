"""Which weights a recipe's backbone starts from, and the hash of their file. Cheap to import: without Keras."""

import hashlib
from pathlib import Path

from medtransfer.settings.errors import UserError
from medtransfer.settings.load import MODELS
from medtransfer.settings.recipes import Backbone


def fingerprint(name: str, backbone: Backbone) -> dict[str, str | None]:
    """The kind of weights of the recipe `name`, null or imagenet; of a file, its path and SHA-256.

    Stages depend on what is kept of this in place of the folder of weights, so that replacing one file reruns the
    models that start from it alone. Raises UserError where the file is missing.
    """
    if backbone.weights in (None, "imagenet"):
        return {"weights": backbone.weights}
    if not Path(backbone.weights).is_file():
        raise UserError(
            f"{MODELS}: {name}.backbone.weights: there is no file {backbone.weights} with weights of "
            f"{backbone.architecture}; put it there, or write imagenet or null"
        )
    return {"file": backbone.weights, "sha256": sha256(Path(backbone.weights))}


def sha256(path: Path) -> str:
    """Of a file, in hex; raises UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); put the file there") from None
