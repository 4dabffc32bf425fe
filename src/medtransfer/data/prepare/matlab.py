"""Slices in MATLAB 7.3 files, which are HDF5: image, label, patient and lesion mask in one."""

import io
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medtransfer.data.prepare.decode import UndecodableError, reason, refuse_giants, stretched
from medtransfer.settings.datasets import Matlab


@dataclass(frozen=True)
class Slice:
    """What a file holds. MATLAB stores columns first; here rows come first."""

    image: Image.Image  # 8 bits, grey
    label: str  # as it stands in the file: a number is written without a decimal point
    patient: str  # empty where the catalogue names no place for it
    mask: NDArray[np.bool_] | None  # H x W


def read_slice(content: bytes, places: Matlab) -> Slice:
    """A .mat file's slice, taken from the places that the catalogue names; raises UndecodableError."""
    if not content:
        raise UndecodableError("empty file")
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            mask = None if places.mask is None else _plane(file, places.mask) > 0
            return Slice(
                image=stretched(_plane(file, places.image)),
                label=_text(file, places.label),
                patient=_text(file, places.patient) if places.patient else "",
                mask=mask if mask is not None and mask.any() else None,
            )
    except UndecodableError:
        raise
    except Exception as error:  # h5py raises nearly anything on a mangled file
        raise UndecodableError(f"no MATLAB 7.3 file: {reason(error)}") from None


def _dataset(file: h5py.File, place: str) -> h5py.Dataset:
    node = file.get(place)
    if not isinstance(node, h5py.Dataset):
        raise UndecodableError(f"holds no {place}")
    return node


def _plane(file: h5py.File, place: str) -> NDArray[Any]:
    node = _dataset(file, place)
    if node.ndim != 2 or 0 in node.shape or node.dtype.kind not in "biuf":
        raise UndecodableError(f"{place} is no picture: {node.dtype} of {' x '.join(map(str, node.shape))}")
    refuse_giants(*node.shape)
    return node[()].T


def _text(file: h5py.File, place: str) -> str:
    node = _dataset(file, place)
    if node.size > 1000:
        raise UndecodableError(f"{place} is neither a word nor a number: {node.size:,} values")
    values = np.ravel(node[()])
    if node.attrs.get("MATLAB_class", b"char" if node.dtype == np.uint16 else b"") == b"char":
        return values.astype("<u2").tobytes().decode("utf-16-le")
    return " ".join(str(int(value)) if value == int(value) else repr(float(value)) for value in values)
