"""The files of ImageNet weights: which one an architecture needs, and where it is. Cheap to import: without Keras.

Names, addresses and hashes are those of the installed Keras: `imagenet_files.json`, which list_imagenet_files writes.
"""

import functools
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from medtransfer.models.registry import ARCHITECTURES, WEIGHTS
from medtransfer.settings.recipes import Backbone

TABLE = Path(__file__).with_name("imagenet_files.json")
HDF5 = b"\x89HDF\r\n\x1a\n"  # which every file of weights begins with
BYTES = 4  # of a parameter; a file's names and shapes add some hundredths


@dataclass(frozen=True)
class ImageNetFile:
    """One file, as Keras names, fetches and checks it."""

    name: str  # under which Keras keeps it
    address: str
    hash: str | None  # MD5 or SHA-256 in hex; None where Keras knows none
    parameters: int  # of the network without its top

    @property
    def algorithm(self) -> str:
        """Of the hash: Keras tells them apart by their length too."""
        return "sha256" if self.hash and len(self.hash) == 64 else "md5"

    @property
    def megabytes(self) -> float:
        """About how large it is."""
        return BYTES * self.parameters / 1e6


@dataclass(frozen=True)
class Table:
    """The files of all architectures, by `key`."""

    keras: str  # the version that they are of
    files: dict[str, ImageNetFile]


def key(architecture: str, alpha: float | None = None) -> str:
    """Of an architecture, and of the width of one that has several."""
    widths = ARCHITECTURES[architecture].widths
    return f"{architecture} {1.0 if alpha is None else alpha:g}" if widths else architecture


@functools.cache
def table() -> Table:
    """The files that Keras has."""
    return TypeAdapter(Table).validate_json(TABLE.read_bytes())


def imagenet_file(backbone: Backbone) -> ImageNetFile:
    """The file that a backbone with `weights: imagenet` starts from."""
    return table().files[key(backbone.architecture, backbone.alpha)]


def keras_folder() -> Path:
    """Where Keras looks for fetched files: not in a home that it cannot write to."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    elsewhere = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir(), ".keras")
    return (home if os.access(home, os.W_OK) else elsewhere) / "models"


def find(name: str) -> Path | None:
    """Where a file is: in the project's folder of weights or else in Keras's; None where it is in neither."""
    return next((folder / name for folder in (WEIGHTS, keras_folder()) if (folder / name).is_file()), None)


def matches(path: Path, known: str | None) -> bool:
    """Whether a file has the hash that Keras knows, MD5 or SHA-256; where it knows none, whether it begins as HDF5."""
    if known is None:
        with path.open("rb") as file:
            return file.read(len(HDF5)) == HDF5
    return _hash(path, known) == known


def damaged(path: Path, known: str | None, address: str) -> str:
    """A sentence on a file that `matches` refuses: what it is, and what to do."""
    if known is None:
        return f"{path} is no file of weights (HDF5): delete it, and download it again from {address}"
    return (
        f"{path} is not the file that Keras has under this name: Keras's hash is {known}, and that of the file is "
        f"{_hash(path, known)}; download it again from {address}"
    )


def _hash(path: Path, known: str) -> str:
    """Of a file, by the algorithm of a known hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256" if len(known) == 64 else "md5").hexdigest()
