"""The file formats that stages hand on: one pair of read and write each, byte for byte repeatable.

CSV and JSON are written with fixed formats and no dates, so that equal results are equal files and
DVC sees that nothing changed. A file is replaced whole or not at all, which also keeps DVC's cache whole where it
shares its files with the working folder by hard links.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter

from medtransfer.settings.errors import UserError

if TYPE_CHECKING:
    import keras

T = TypeVar("T")
Array = NDArray[Any]
Masks = dict[str, NDArray[np.bool_]]
Table = pd.DataFrame

FLOAT_FORMAT = "%.9g"
# Columns of names; a hash in hex may look like a number.
NAMES = (
    "id", "label", "patient", "shipped", "mode", "format", "sha256", "phash", "reason",
    "group", "partition", "copy", "actual", "predicted", "member", "member_label",
)  # fmt: skip
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Format(Generic[T]):
    """How a file of one type is read and written."""

    read: Callable[[Path], T]
    write: Callable[[Path, T], None]


def write_table(path: Path, table: pd.DataFrame) -> None:
    """A data frame as CSV, without its index."""
    _replace(path, table.to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n").encode())


def read_table(path: Path) -> pd.DataFrame:
    """A data frame from CSV; the columns that hold names stay text, whatever they look like."""
    return pd.read_csv(_existing(path), dtype=dict.fromkeys(NAMES, str), keep_default_na=False)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """A dictionary of plain values; floats with 9 significant digits, NaN refused."""
    _replace(path, (json.dumps(_rounded(content), indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """A dictionary from JSON."""
    return json.loads(_existing(path).read_text(encoding="utf-8"))


def record(kind: type[T], exact: bool = False) -> Format[T]:
    """A dataclass or a checked model as JSON, by its fields; `exact` keeps all digits of its numbers."""
    adapter = TypeAdapter(kind)

    def write(path: Path, content: T) -> None:
        plain = adapter.dump_python(content, mode="json")
        if exact:
            _replace(path, (json.dumps(plain, indent=2, allow_nan=False) + "\n").encode())
        else:
            write_json(path, plain)

    return Format(lambda path: adapter.validate_json(_existing(path).read_bytes()), write)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """An array as .npy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft.npy")
    np.save(draft, array, allow_pickle=False)
    draft.replace(path)


def read_array(path: Path) -> NDArray[Any]:
    """An array from .npy, as a read-only memory map: only what is used is read."""
    return np.load(_existing(path), mmap_mode="r", allow_pickle=False)


def write_masks(path: Path, masks: dict[str, NDArray[np.bool_]]) -> None:
    """Lesion masks by image id: H x W, bool, all of one size."""
    ids = np.array(list(masks), dtype=str)
    stack = np.stack(list(masks.values())) if masks else np.zeros((0, 0, 0), dtype=bool)
    packed = io.BytesIO()
    np.savez_compressed(packed, ids=ids, masks=stack)
    _replace(path, packed.getvalue())


def read_masks(path: Path) -> dict[str, NDArray[np.bool_]]:
    """Lesion masks by image id; empty where the set has none."""
    with np.load(_existing(path), allow_pickle=False) as archive:
        return dict(zip(archive["ids"].tolist(), archive["masks"], strict=True))


def write_model(path: Path, model: "keras.Model") -> None:
    """A `.keras` archive without the moment of its saving and memory addresses: equal models are equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Keras asks for a path; one beside the target is renamed over it only when it is complete.
    draft = path.with_suffix(".draft.keras")
    model.save(draft)
    with zipfile.ZipFile(draft) as source:
        members = {name: source.read(name) for name in sorted(source.namelist())}
    metadata = json.loads(members["metadata.json"])
    metadata.pop("date_saved", None)
    members["metadata.json"] = json.dumps(metadata).encode()
    members["config.json"] = _renumbered(members["config.json"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, content in members.items():
            target.writestr(zipfile.ZipInfo(name, FIRST_ZIP_DATE), content)
    draft.write_bytes(packed.getvalue())
    draft.replace(path)


def read_models(paths: Sequence[Path], backbone: Path | None = None) -> "Iterator[keras.Model]":
    """Models of one architecture from their `.keras` archives, for inference.

    With a `backbone`, the archives hold heads, and each model is the backbone with a head after it, in one flat graph.
    It is one and the same graph with each archive's weights in turn, so what is compiled for the first serves them
    all: be done with a model before asking for the next.
    """
    import keras

    part = whole = None
    for path in paths:
        if part is None:
            part = whole = keras.saving.load_model(_existing(path), compile=False)
            if backbone is not None:
                whole = _joined(keras.saving.load_model(_existing(backbone), compile=False), part)
        else:
            part.load_weights(_existing(path))
        yield whole


def _joined(backbone: "keras.Model", head: "keras.Model") -> "keras.Model":
    """A head's layers, which stand in a row, after a backbone."""
    import keras

    x = backbone.output
    for layer in head.layers[1:]:
        x = layer(x)
    return keras.Model(backbone.input, x, name=backbone.name)


def _renumbered(config: bytes) -> bytes:
    """Keras marks what layers share by its address in memory; here it is marked by the order of appearance."""
    order: dict[bytes, int] = {}
    return re.sub(
        rb'("shared_object_id": )(\d+)', lambda match: match[1] + b"%d" % order.setdefault(match[2], len(order)), config
    )


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UserError(f"{path} is missing; make it with: dvc repro (or fetch it with: dvc pull)")
    return path


def _rounded(value: Any) -> Any:  # noqa: ANN401
    match value:
        case dict():
            return {str(key): _rounded(item) for key, item in value.items()}
        case list() | tuple():
            return [_rounded(item) for item in value]
        case np.bool_():
            return bool(value)
        case float() | np.floating():
            return float(FLOAT_FORMAT % float(value))
        case np.integer():
            return int(value)
        case _:
            return value


TABLE = Format(read_table, write_table)
JSON = Format(read_json, write_json)
ARRAY = Format(read_array, write_array)
MASKS = Format(read_masks, write_masks)
PICTURE: Format[bytes] = Format(lambda path: _existing(path).read_bytes(), _replace)
TEXT: Format[str] = Format(
    lambda path: _existing(path).read_text(encoding="utf-8"), lambda path, text: _replace(path, text.encode())
)
