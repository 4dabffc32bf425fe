"""Which weights a recipe's backbone starts from, and the hash of their file. Cheap to import: without Keras."""

import hashlib
from pathlib import Path

from medtransfer.models import imagenet
from medtransfer.models.registry import WEIGHTS
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.recipes import Backbone


def fingerprint(name: str, backbone: Backbone) -> dict[str, str | None]:
    """The kind of weights of the recipe `name`: null, imagenet or source; of a file, its path and SHA-256.

    Stages depend on what is kept of this in place of the folder of weights, so that replacing one file reruns the
    models that start from it alone. Of ImageNet weights it is the hash that Keras knows, wherever the file is and
    whether it is there yet; where Keras knows none, that of the file in `weights`, if it is there. Raises UserError
    where a file is missing, where one in `weights` has not the hash that Keras knows, and where one of which it knows
    none is no HDF5 file, in Keras's folder too.
    """
    if backbone.weights is None:
        return {"weights": None}
    if backbone.weights == "imagenet":
        return {"weights": "imagenet", **_of_imagenet(backbone)}
    if backbone.source or not isinstance(backbone.weights, str):
        return {"weights": "source"}  # whose network the stage `transfer` notes
    if not Path(backbone.weights).is_file():
        raise UserError(
            f"{MODELS}: {name}.backbone.weights: there is no file {backbone.weights} with weights of "
            f"{backbone.architecture}; put it there, or write imagenet or null"
        )
    return {"file": backbone.weights, "sha256": sha256(Path(backbone.weights))}


def _of_imagenet(backbone: Backbone) -> dict[str, str | None]:
    file = imagenet.imagenet_file(backbone)
    path: Path | None = WEIGHTS / file.name
    if file.hash is None:
        path = imagenet.find(file.name)  # Keras itself cannot tell that the one in its folder is damaged
    if path and path.is_file() and not imagenet.matches(path, file.hash):
        raise UserError(imagenet.damaged(path, file.hash, file.address))
    if file.hash:
        return {"file": file.name, file.algorithm: file.hash}
    if path == WEIGHTS / file.name:
        return {"file": file.name, "sha256": sha256(path)}
    return {"file": file.name}


def sha256(path: Path) -> str:
    """Of a file, in hex; raises UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); put the file there") from None
