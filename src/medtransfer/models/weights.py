"""Where a backbone's weights come from: fetched by Keras, read from a file, and what is recorded of them."""

import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from medtransfer.models.fingerprint import sha256
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import MODELS
from medtransfer.settings.recipes import Backbone

# The warning that ImageNet weights are loaded for images of another size than 224: they are meant to be.
UNUSUAL_SIZE = "`input_shape` is undefined or non-square"
# The warning of Keras that a file lacks some layers of the network.
LEFT_OUT = "retain their freshly-initialized weights"


class _FetchedError(Exception):
    """Carries the file that Keras would load, before it does."""


def construct(backbone: Backbone, x: keras.KerasTensor) -> keras.Model:
    """The network of Keras Applications from `x`, N x H x W x 3, with ImageNet or random weights, without its top.

    Raises UserError where ImageNet weights are asked for and cannot be loaded.
    """
    constructor = ARCHITECTURES[backbone.architecture].constructor
    options = {} if backbone.alpha is None else {"alpha": backbone.alpha}
    weights = "imagenet" if backbone.weights == "imagenet" else None
    wanted: list[str] = []
    try:
        with _fetching(wanted), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=UNUSUAL_SIZE)
            return getattr(keras.applications, constructor)(
                include_top=False, weights=weights, input_tensor=x, **options
            )
    except _FetchedError:
        raise
    except Exception as error:
        # Keras raises a bare Exception for a failed fetch, and others for a damaged file.
        if not wanted:
            raise
        raise UserError(
            f"the ImageNet weights of {constructor} could not be loaded ({' '.join(str(error).split())}): connect to "
            f"the internet, or put the file {wanted[0]} into {_folder()} (KERAS_HOME chooses that folder), or set "
            "weights: null"
        ) from None


def load(backbone: Backbone, *networks: keras.Model) -> keras.Model:
    """Read the file that a recipe names into a model from image to feature map: the first of some that it fits.

    It may hold the backbone alone (`.weights.h5`, `.h5`; of this project, `.keras`) or, as `.keras`, a whole model of
    this project, whose head is left out. Raises UserError where the file is missing or of another network.
    """
    path = Path(str(backbone.weights))
    if not path.is_file():
        raise UserError(
            f"{MODELS}: there is no file {path} with weights of {backbone.architecture}; put it there, or write "
            "weights: imagenet or null"
        )
    reasons = []
    for network in dict.fromkeys(networks):
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                network.load_weights(path)
        except Exception as error:
            # A ValueError for other layers or shapes, OSError and KeyError and more for what is no such file at all.
            reasons.append(_first_sentence(error))
        else:
            if not any(LEFT_OUT in str(warning.message) for warning in caught):
                return network
            reasons.append("some of its layers are not in the file")
    raise UserError(
        f"{MODELS}: {path} does not hold the weights of {backbone.architecture} ({reasons[0]}); name a file that was "
        "saved from this architecture, without its top and of the same width and channels (of a model of this project "
        "whose backbone is frozen, its file is backbone.keras)"
    )


def provenance(backbone: Backbone) -> dict[str, str]:
    """What a backbone starts from: the kind of its weights and, of a file, name and SHA-256."""
    match backbone.weights:
        case None:
            return {"weights": "random"}
        case "imagenet":
            path = _imagenet_file(backbone)
            return {"weights": "imagenet", "file": path.name, "sha256": sha256(path)}
        case name:
            return {"weights": "file", "file": name, "sha256": sha256(Path(name))}


def _imagenet_file(backbone: Backbone) -> Path:
    """The file that Keras loads, which it fetches where it is not there: only the constructor knows its name."""

    def stop(path: str) -> str:
        raise _FetchedError(path)

    try:
        with _fetching([], stop):
            construct(backbone, keras.Input((224, 224, 3)))
    except _FetchedError as found:
        return Path(str(found))
    raise AssertionError(f"Keras asked for no weights of {backbone.architecture}")


@contextmanager
def _fetching(wanted: list[str], then: Callable[[str], str] = str) -> Iterator[None]:
    """Record the names of the files that Keras asks for meanwhile, and put their paths through `then`."""
    home: Any = sys.modules[keras.utils.get_file.__module__]
    original = home.get_file

    def get_file(fname: str, *arguments: object, **options: object) -> str:
        wanted.append(fname)
        return then(original(fname, *arguments, **options))

    home.get_file = get_file
    try:
        yield
    finally:
        home.get_file = original


def _folder() -> Path:
    """Where Keras looks for fetched files: not in a home that it cannot write to."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    elsewhere = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir(), ".keras")
    return (home if os.access(home, os.W_OK) else elsewhere) / "models"


def _first_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split(". ")[0].rstrip(".") or type(error).__name__
