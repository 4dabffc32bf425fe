"""Where a backbone's weights come from: fetched by Keras, read from a file, and what is recorded of them."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from medtransfer import store
from medtransfer.models.fingerprint import sha256
from medtransfer.models.imagenet import damaged, imagenet_file, keras_folder, matches, table
from medtransfer.models.registry import ARCHITECTURES, WEIGHTS
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.recipes import Backbone
from medtransfer.settings.sources import SourceWeights

# The warning that ImageNet weights are loaded for images of another size than 224: they are meant to be.
UNUSUAL_SIZE = "`input_shape` is undefined or non-square"
# The warning of Keras that a file lacks some layers of the network.
LEFT_OUT = "retain their freshly-initialized weights"


@dataclass(frozen=True)
class Asked:
    """A file that Keras asks for."""

    name: str
    address: str
    hash: str | None  # MD5 or SHA-256 in hex


class _AskedError(Exception):
    """Carries what Keras asks for, before it is looked for."""


Ask = Callable[[Asked], str]  # where a file is that Keras asks for


def construct(backbone: Backbone, x: keras.KerasTensor, ask: Ask | None = None) -> keras.Model:
    """The network of Keras Applications from `x`, N x H x W x 3, with ImageNet or random weights, without its top.

    ImageNet weights are those of `_located`, or of `ask`. Raises UserError where they cannot be loaded, and where the
    file in the folder of weights has not the hash that Keras knows.
    """
    constructor = ARCHITECTURES[backbone.architecture].constructor
    options = {} if backbone.alpha is None else {"alpha": backbone.alpha}
    weights = "imagenet" if backbone.weights == "imagenet" else None
    wanted: list[Asked] = []
    try:
        with _asking(wanted, ask), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=UNUSUAL_SIZE)
            return getattr(keras.applications, constructor)(
                include_top=False, weights=weights, input_tensor=x, **options
            )
    except (_AskedError, UserError):
        raise
    except Exception as error:
        # Keras raises others than a bare Exception for a damaged file.
        if not wanted:
            raise
        raise _not_loaded(wanted[0], error) from None


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
    """What a backbone starts from: the kind of its weights and, of a file or a source, name and SHA-256."""
    match backbone.weights:
        case None:
            return {"weights": "random"}
        case "imagenet":
            path = _imagenet_file(backbone)
            return {"weights": "imagenet", "file": path.name, "sha256": sha256(path)}
        case SourceWeights() as source:
            file = store.source_model(source.name).network_file
            return {"weights": "source", "file": source.name, "sha256": sha256(file)}
        case name:
            return {"weights": "file", "file": name, "sha256": sha256(Path(name))}


def located_weights(backbone: Backbone) -> tuple[str, Path] | None:
    """The path under which a process in another folder finds the file of weights, and the file; None of random ones."""
    match backbone.weights:
        case None:
            return None
        case "imagenet":
            path = _imagenet_file(backbone)
            return (WEIGHTS / path.name).as_posix(), path
        case SourceWeights() as source:
            path = store.source_model(source.name).network_file
        case name:
            path = Path(name)
    return path.as_posix(), path


def asked_for(backbone: Backbone) -> Asked:
    """What Keras asks for when it builds a backbone with ImageNet weights; nothing is looked for, or fetched."""

    def stop(file: Asked) -> str:
        raise _AskedError(file)

    try:
        construct(backbone, keras.Input((224, 224, 3)), stop)
    except _AskedError as caught:
        (file,) = caught.args
        return file
    raise AssertionError(f"Keras asked for no weights of {backbone.architecture}")


def _needed(backbone: Backbone) -> Asked:
    """What Keras asks for: by the table of files, which builds no network, unless that is of another Keras."""
    if table().keras != keras.__version__:
        return asked_for(backbone)
    entry = imagenet_file(backbone)
    return Asked(entry.name, entry.address, entry.hash)


def _located(file: Asked, fetch: Callable[..., str]) -> str:
    """A file in the folder of weights under Keras's name for it, or else as Keras fetches it, unless it has it.

    Raises UserError where the one in the folder has another hash than Keras knows, or, where it knows none, the file
    is no HDF5.
    """
    path = WEIGHTS / file.name
    if not path.is_file():
        path = Path(fetch(file.name, file.address, cache_subdir="models", file_hash=file.hash))
        if file.hash is not None:  # which Keras checks itself
            return str(path)
    if not matches(path, file.hash):
        raise UserError(damaged(path, file.hash, file.address))
    return str(path)


def _imagenet_file(backbone: Backbone) -> Path:
    """The file that Keras loads, which it fetches where it is not there."""
    file = _needed(backbone)
    try:
        return Path(_located(file, sys.modules[keras.utils.get_file.__module__].get_file))
    except UserError:
        raise
    except Exception as error:  # a bare one, for a failed fetch
        raise _not_loaded(file, error) from None


def _not_loaded(file: Asked, error: Exception) -> UserError:
    return UserError(
        f"the ImageNet weights {file.name} could not be loaded ({' '.join(str(error).split())}): connect to the "
        f"internet, or put the file {file.name} into {keras_folder()} (KERAS_HOME chooses that folder) or into "
        f"{WEIGHTS}, from {file.address}, or set weights: null; make weights lists what each study needs"
    )


@contextmanager
def _asking(wanted: list[Asked], ask: Ask | None) -> Iterator[None]:
    """Record the files that Keras asks for meanwhile, and give it what `ask` says, or `_located`."""
    home: Any = sys.modules[keras.utils.get_file.__module__]
    original = home.get_file

    def get_file(fname: str, origin: str, **options: Any) -> str:  # noqa: ANN401
        wanted.append(Asked(fname, origin, options.get("file_hash")))
        return ask(wanted[-1]) if ask else _located(wanted[-1], original)

    home.get_file = get_file
    try:
        yield
    finally:
        home.get_file = original


def _first_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split(". ")[0].rstrip(".") or type(error).__name__
