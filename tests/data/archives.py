"""Small archives in the layouts of the real ones, and the catalogue's entries that read them."""

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medtransfer.settings.datasets import Dataset, Matlab

MATLAB = Matlab(image="cjdata/image", label="cjdata/label", patient="cjdata/PID", mask="cjdata/tumorMask")
MATLAB_HEADER = b"MATLAB 7.3 MAT-file, Platform: PCWIN64, Created on: Mon Dec 22 2014 HDF5 schema 1.00 ."


def entry(**changes: object) -> Dataset:
    """An entry of the catalogue: two classes, told apart by their folders."""
    return Dataset.model_validate(
        {
            "title": "test",
            "source": {"kind": "kaggle", "slug": "a/b"},
            "image_size": 16,
            "classes": {"healthy": ["no/*"], "tumour": ["yes/*"]},
            "healthy": "healthy",
            "positive": "tumour",
        }
        | changes
    )


def matlab_entry(**changes: object) -> Dataset:
    """An entry of the catalogue: the figshare set's MATLAB files, of two classes."""
    classes = {"meningioma": ["1"], "glioma": ["2"]}
    return entry(
        **{"classes": classes, "positive": "glioma", "healthy": None, "matlab": MATLAB.model_dump(), **changes}
    )


def encode(pixels: NDArray[np.uint8], format: str = "PNG", mode: str | None = None, **options: object) -> bytes:
    """Pixels (H x W or H x W x 3) as an image file."""
    image = Image.fromarray(pixels)
    buffer = io.BytesIO()
    (image.convert(mode) if mode else image).save(buffer, format, **options)
    return buffer.getvalue()


def picture(number: int, size: int = 16, colour: bool = False) -> NDArray[np.uint8]:
    """Pixels that are their number's own, and near no other picture."""
    return np.random.default_rng(number).integers(0, 256, (size, size, 3) if colour else (size, size), dtype=np.uint8)


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_zip(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """An archive of the files, on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files, compression))
    return path


def write_mat(
    image: NDArray[np.int16],
    label: float = 2,
    patient: str = "100360",
    mask: NDArray[np.bool_] | None = None,
    without: Collection[str] = (),
) -> bytes:
    """A slice as J. Cheng's set has it: MATLAB 7.3, which is HDF5 behind a header, columns before rows."""
    fields = {
        "PID": np.array([[ord(letter)] for letter in patient], np.uint16).reshape(len(patient), 1),
        "image": np.asarray(image, np.int16).T,
        "label": np.array([[label]], np.float64),
        "tumorMask": np.asarray(np.zeros(image.shape) if mask is None else mask, np.uint8).T,
    }
    kinds = {"PID": "char", "image": "int16", "label": "double", "tumorMask": "logical"}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=512) as file:
        folder = file.create_group("cjdata")
        folder.attrs["MATLAB_class"] = np.bytes_("struct")
        for name in fields.keys() - set(without):
            folder[name] = fields[name]
            folder[name].attrs["MATLAB_class"] = np.bytes_(kinds[name])
    content = bytearray(buffer.getvalue())
    content[:128] = MATLAB_HEADER.ljust(116) + bytes(8) + b"\x00\x02IM"
    return bytes(content)
